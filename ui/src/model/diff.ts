import { equal, type Item, own, recordOf, type Value } from "./value";

// A Difference is what became of one attribute.
export interface Difference {
  name: string;
  before?: Value; // none if it was added
  after?: Value; // none if it was removed
}

// differences returns the attributes in which two items differ: those of the first
// in its order, then those that only the second has.
export function differences(before: Item, after: Item): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [was, is] = [own(before, name), own(after, name)];
    return equal(was, is) ? [] : [{ name, ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) }];
  });
}

// apply returns an item with differences made to it.
export function apply(item: Item, changes: readonly Difference[]): Item {
  const all = new Map(Object.entries(item));
  for (const { name, after } of changes) {
    if (after) all.set(name, after);
    else all.delete(name);
  }
  return recordOf(all);
}

// invert returns the differences that take others back.
export function invert(changes: readonly Difference[]): Difference[] {
  return changes.map(({ name, before, after }) => ({ name, ...(after ? { before: after } : {}), ...(before ? { after: before } : {}) }));
}

// A Merge is what two changes of one item come to.
export interface Merge {
  // item is theirs with my changes, also where both changed an attribute.
  item: Item;
  // clashes are attributes that both changed, and not to the same.
  clashes: string[];
}

export function merge(base: Item, mine: Item, theirs: Item): Merge {
  const ours = differences(base, mine);
  const others = new Map(differences(base, theirs).map((d) => [d.name, d]));
  const clashes = ours.flatMap((d) => {
    const other = others.get(d.name);
    return other && !equal(d.after, other.after) ? [d.name] : [];
  });
  return { item: apply(theirs, ours), clashes };
}
