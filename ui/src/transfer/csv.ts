// A Field is a cell of a CSV file. Whether it was quoted tells text from what only
// looks like it.
export interface Field {
  text: string;
  quoted: boolean;
}

export interface Row {
  line: number; // where it begins, from 1
  fields: Field[];
  raw: string; // as it stands in the file
}

// No item is as long as this.
const longest = 8 << 20;

// A CsvReader reads RFC 4180 in pieces, with any end of line and separator. Rows
// without anything are left out.
export class CsvReader {
  readonly #separator: string;
  #rest = "";
  #line = 1;

  constructor(separator = ",") {
    this.#separator = separator;
  }

  // push returns the rows that are whole by now.
  push(text: string): Row[] {
    this.#rest += text;
    return this.#read(false);
  }

  end(): Row[] {
    return this.#read(true);
  }

  #read(ended: boolean): Row[] {
    const text = this.#rest;
    const rows: Row[] = [];
    let begin = 0;
    while (begin < text.length) {
      const fields: Field[] = [];
      let at = begin;
      let next = -1; // where the next row begins
      while (next < 0) {
        const quoted = text[at] === '"';
        let value = "";
        if (quoted) {
          at++;
          for (;;) {
            const quote = text.indexOf('"', at);
            // The next letter decides whether this is the end.
            if (quote < 0 || (quote === text.length - 1 && !ended)) {
              if (!ended) return this.#keep(begin, rows);
              value += text.slice(at, quote < 0 ? undefined : quote);
              at = quote < 0 ? text.length : quote + 1;
              break;
            }
            value += text.slice(at, quote);
            at = quote + 1;
            if (text[at] !== '"') break;
            value += '"';
            at++;
          }
        }
        const from = at;
        while (at < text.length && text[at] !== this.#separator && text[at] !== "\n" && text[at] !== "\r") at++;
        fields.push({ text: value + text.slice(from, at), quoted });
        if (at >= text.length) {
          if (!ended) return this.#keep(begin, rows);
          next = at;
        } else if (text[at] === this.#separator) {
          at++;
        } else {
          if (text[at] === "\r" && at === text.length - 1 && !ended) return this.#keep(begin, rows);
          next = at + (text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1);
        }
      }
      const raw = text.slice(begin, at);
      if (raw.trim() !== "") rows.push({ line: this.#line, fields, raw });
      this.#line += lines(text.slice(begin, next));
      begin = next;
    }
    return this.#keep(begin, rows);
  }

  #keep(from: number, rows: Row[]): Row[] {
    this.#rest = this.#rest.slice(from);
    if (this.#rest.length > longest) throw new Error(`line ${this.#line}: a quotation mark is not closed`);
    return rows;
  }
}

function lines(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\n" || (text[i] === "\r" && text[i + 1] !== "\n")) n++;
  }
  return n;
}

// separatorOf returns what separates the fields of a header.
export function separatorOf(header: string): string {
  const first = header.split(/\r|\n/, 1)[0]?.replaceAll(/"[^"]*"/g, "") ?? "";
  const of = (separator: string) => first.split(separator).length;
  return [",", ";", "\t"].reduce((best, s) => (of(s) > of(best) ? s : best), ",");
}

// writeField writes a field. One that is quoted is text, whatever it looks like.
export function writeField({ text, quoted }: Field): string {
  return quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// padded returns CSV whose rows have more fields, all of them missing.
export function padded(csv: string, by: number): string {
  let out = "";
  let from = 0;
  let quoted = false;
  for (let i = 0; i < csv.length; i++) {
    if (csv[i] === '"') quoted = !quoted;
    if (csv[i] === "\n" && !quoted) {
      out += csv.slice(from, i) + ",".repeat(by);
      from = i;
    }
  }
  return out + csv.slice(from);
}
