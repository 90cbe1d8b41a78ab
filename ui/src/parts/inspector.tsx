import { ChevronDown, ChevronUp, X } from "lucide-react";
import { bytes } from "../format";
import { type Item, itemSize, toDynamoJSON } from "../model/value";
import type { Place } from "../server";
import { IconButton } from "./button";
import { Snippet } from "./copy";

export interface InspectorProps {
  place: Place;
  table: string;
  keys: readonly string[];
  item: Item;
  onClose: () => void;
  onChanged: () => void; // the item, or another one, was written
  onPrevious?: () => void;
  onNext?: () => void;
}

// Inspector shows one item beside others.
export function Inspector({ item, onClose, onPrevious, onNext }: InspectorProps) {
  return (
    <aside aria-label="Item" className="flex w-[26rem] shrink-0 flex-col gap-3 rounded-lg border border-line bg-panel p-4">
      <div className="flex items-center gap-1">
        <h2 className="flex-1 text-base font-semibold">Item</h2>
        <IconButton label="Previous item" onClick={onPrevious} disabled={!onPrevious}>
          <ChevronUp size={16} aria-hidden />
        </IconButton>
        <IconButton label="Next item" onClick={onNext} disabled={!onNext}>
          <ChevronDown size={16} aria-hidden />
        </IconButton>
        <IconButton label="Close" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <p className="text-muted">{bytes(itemSize(item))}</p>
      <Snippet label="item" text={toDynamoJSON(item, 2)} />
    </aside>
  );
}
