import type { Item, Type, Value } from "../model/value";
import { NotAValue, recordOf } from "../model/value";
import { type ColumnType, typedValue } from "../transfer/cell";
import { CsvReader, type Field } from "../transfer/csv";

// So many rows are pasted at once; more come from a file.
export const mostRows = 2000;

// A Sheet is what a spreadsheet has put into the clipboard.
export interface Sheet {
  rows: readonly (readonly Field[])[];
  columns: number;
}

export function sheetOf(text: string): Sheet {
  const reader = new CsvReader("\t");
  const rows = [...reader.push(text), ...reader.end()].map((row) => row.fields);
  return { rows, columns: rows.reduce((most, row) => Math.max(most, row.length), 0) };
}

// A Target is where a sheet is pasted.
export interface PasteTarget {
  keys: readonly string[]; // of the table
  columns: readonly string[]; // those of the grid, from the one that has the keyboard on
  typeOf: (name: string) => Type | undefined; // that all values of a column have
}

export interface Pasted {
  items: Item[];
  headings: boolean; // the first row named the attributes
  omitted: number; // columns that had no name
}

// pasted returns the items that the rows of a sheet are. Its first row names their
// attributes if the partition key is among its texts and each is there once; else the
// columns of the grid do.
export function pasted({ rows, columns }: Sheet, target: PasteTarget): Pasted {
  const first = (rows[0] ?? []).map((field) => field.text.trim());
  const key = target.keys[0];
  const headings = key !== undefined && first.includes(key) && new Set(first).size === first.length;
  const names = headings ? first : target.columns.slice(0, columns);
  const items = rows.slice(headings ? 1 : 0, headings ? mostRows + 1 : mostRows).map((row) =>
    recordOf(
      row.flatMap((field, i): [string, Value][] => {
        const name = names[i];
        const value = name === undefined || name === "" ? undefined : cellValue(field, target.typeOf(name));
        return name !== undefined && value ? [[name, value]] : [];
      }),
    ),
  );
  return { items, headings, omitted: Math.max(0, columns - names.filter((n) => n !== "").length) };
}

// cellValue returns what a cell says in a column whose values all have one type, or
// none yet. A spreadsheet does not say what is text: the column does.
export function cellValue(field: Field, type: Type | undefined): Value | undefined {
  const as: ColumnType = type === "S" || type === "N" || type === "B" || type === "BOOL" ? type : "auto";
  try {
    return typedValue(field, as);
  } catch (err) {
    if (!(err instanceof NotAValue)) throw err;
    // It is what it looks like; if the column is a key, that is said beside the row.
    return typedValue(field, "auto");
  }
}
