import { type Item, toDynamoJSON } from "../model/value";
import type { Place } from "../server";

// itemAddress returns where the page of an item is.
export function itemAddress({ account, region }: Place, table: string, key: Item): string {
  return `#/t/${[account, region, table].map(encodeURIComponent).join("/")}/item?key=${encodeURIComponent(toDynamoJSON(key))}`;
}

// download gives the person a file.
export function download(name: string, type: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
