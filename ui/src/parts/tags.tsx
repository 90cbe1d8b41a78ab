import { Plus, X } from "lucide-react";
import { newID, type TableForm } from "../definition/form";
import { Button, IconButton } from "./button";
import { TextField } from "./field";
import { Row } from "./table-fields";

// Tags are the fields of tags.
export function Tags({ tags, set }: { tags: TableForm["tags"]; set: (tags: TableForm["tags"]) => void }) {
  return (
    <>
      {tags.map((tag) => {
        const change = (more: Partial<typeof tag>) => set(tags.map((t) => (t.id === tag.id ? { ...t, ...more } : t)));
        return (
          <Row key={tag.id}>
            <TextField label="Tag" maxLength={128} value={tag.key} onChange={(e) => change({ key: e.target.value })} />
            <TextField label="Value" maxLength={256} value={tag.value} onChange={(e) => change({ value: e.target.value })} />
            <IconButton label={`Remove the tag ${tag.key}`} className="self-end" onClick={() => set(tags.filter((t) => t.id !== tag.id))}>
              <X size={16} aria-hidden />
            </IconButton>
          </Row>
        );
      })}
      <div>
        <Button onClick={() => set([...tags, { id: newID(), key: "", value: "" }])}>
          <Plus size={16} aria-hidden />
          Tag
        </Button>
      </div>
    </>
  );
}
