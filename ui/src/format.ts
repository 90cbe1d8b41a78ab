const units = ["bytes", "KB", "MB", "GB", "TB"];

// bytes shows a size as DynamoDB counts it, in powers of 1024.
export function bytes(n: number): string {
  let unit = 0;
  let size = n;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: unit === 0 ? 0 : 1 }).format(size)} ${unit === 0 && n === 1 ? "byte" : units[unit]}`;
}

export function count(n: number): string {
  return new Intl.NumberFormat().format(n);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function when(iso: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}
