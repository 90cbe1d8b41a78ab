import { memo, type ReactNode, useEffect, useState } from "react";
import { bytes, plural } from "../format";
import { textOf, typeNames, typeOf, type Value } from "../model/value";

// So many letters of a text are in a cell, which shows fewer: a long one costs as
// little as a short one.
const letters = 200;
const members = 6;

function brief(text: string): string {
  return text.length > letters ? `${text.slice(0, letters)}…` : text;
}

function hex(b: Uint8Array, most = 8): string {
  const digits = Array.from(b.subarray(0, most), (n) => n.toString(16).padStart(2, "0")).join(" ");
  return b.length > most ? `${digits} …` : digits;
}

// readable returns what bytes are as text, if that is what they are.
export function readable(b: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(b);
    return text === "" || /\p{Cc}/u.test(text.replaceAll(/[\t\r\n]/g, "")) ? undefined : text;
  } catch {
    return undefined;
  }
}

const images: [type: string, name: string, begin: RegExp][] = [
  ["image/png", "PNG", /^89 50 4e 47 0d 0a 1a 0a/],
  ["image/jpeg", "JPEG", /^ff d8 ff/],
  ["image/gif", "GIF", /^47 49 46 38/],
  ["image/webp", "WebP", /^52 49 46 46 .. .. .. .. 57 45 42 50/],
];

// imageOf returns which kind of image bytes begin as.
export function imageOf(b: Uint8Array): { type: string; name: string } | undefined {
  const found = images.find(([, , begin]) => begin.test(hex(b, 12)));
  return found && { type: found[0], name: found[1] };
}

const dim = "text-muted";
const chip = "rounded border border-line bg-raised px-1";

function chips(texts: readonly string[]): ReactNode {
  return (
    <>
      {"{"}
      {texts.slice(0, members).map((text, i) => (
        <span key={i}>
          {i > 0 ? ", " : ""}
          <span className={chip}>{brief(text)}</span>
        </span>
      ))}
      {texts.length > members ? <span className={dim}>, … {texts.length} in all</span> : null}
      {"}"}
    </>
  );
}

// shown returns what a cell shows of a value.
export function shown(v: Value): ReactNode {
  if ("S" in v) return v.S === "" ? <span className={dim}>""</span> : brief(v.S);
  if ("N" in v) return v.N;
  if ("BOOL" in v) return v.BOOL ? "✓ true" : "✗ false";
  if ("NULL" in v) return <span className={`${dim} italic`}>null</span>;
  if ("B" in v) {
    return (
      <>
        {bytes(v.B.length)} <span className={dim}>{hex(v.B)}</span>
      </>
    );
  }
  if ("SS" in v) return chips(v.SS);
  if ("NS" in v) return chips(v.NS);
  if ("BS" in v) return chips(v.BS.slice(0, members + 1).map(hex));
  if ("L" in v) return `[${v.L.length}]`;
  const names = Object.keys(v.M);
  return (
    <>
      {`{${names.length}}`} <span className={dim}>{brief(names.slice(0, members).join(", "))}</span>
    </>
  );
}

// momentOf returns what a number says if it is a time, as those of events and of
// expiry often are: seconds or milliseconds since 1970, between 2001 and 2128.
export function momentOf(n: string): Date | undefined {
  if (!/^[1-4]\d{9}(\d{3})?$/.test(n)) return undefined;
  return new Date(Number(n) * (n.length === 10 ? 1000 : 1));
}

const long = 4000;

// whole returns all of a value in a line, and what else is known of it.
export function whole(v: Value | undefined): { text: string; about: string } {
  if (!v) return { text: "", about: "The item has no such attribute" };
  const text = "B" in v ? hex(v.B, 64) : textOf(v);
  const about: string[] = [typeNames[typeOf(v)]];
  if ("S" in v) about.push(v.S === "" ? "empty" : plural(v.S.length, "letter"));
  if ("B" in v) {
    about.push(bytes(v.B.length));
    const said = imageOf(v.B)?.name ?? (v.B.length <= long ? readable(v.B) : undefined);
    if (said !== undefined) about.push(imageOf(v.B) ? `a ${said} image` : `the text “${brief(said)}”`);
  }
  if ("L" in v) about.push(plural(v.L.length, "element"));
  if ("M" in v) about.push(plural(Object.keys(v.M).length, "attribute"));
  const moment = "N" in v ? momentOf(v.N) : undefined;
  if (moment) about.push(new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" }).format(moment));
  return { text: text.length > long ? `${text.slice(0, long)}…` : text, about: about.join(", ") };
}

// hint returns what stands beside the pointer.
export function hint(v: Value | undefined): string {
  const { text, about } = whole(v);
  return text === "" ? about : `${text.slice(0, 600)}\n${about}`;
}

// ValueLine shows all of the value in the cell that the keyboard is at.
export const ValueLine = memo(function ValueLine({ name, value }: { name?: string; value?: Value }) {
  if (name === undefined) return <p className="min-h-6 text-muted">Arrow keys move from cell to cell, Space shows the item, x selects it.</p>;
  const { text, about } = whole(value);
  const image = value && "B" in value ? imageOf(value.B) : undefined;
  return (
    <p className="max-h-40 min-h-6 overflow-auto break-words" tabIndex={text.length > 400 ? 0 : undefined}>
      <span className="font-medium">{name}</span> <span className="text-muted">{about}</span> <span className="font-mono text-[13px]">{text}</span>
      {image && value && "B" in value ? <Picture bytes={value.B} type={image.type} /> : null}
    </p>
  );
});

// Picture shows bytes as the image that they are.
function Picture({ bytes: of, type }: { bytes: Uint8Array; type: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([of as Uint8Array<ArrayBuffer>], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [of, type]);
  return url ? <img src={url} alt="The value as an image" className="mt-1 block max-h-24 max-w-60 rounded border border-line object-contain" /> : null;
}
