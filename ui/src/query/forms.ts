import type { Type } from "../model/value";
import { emptyLeaf, type Group, isBlank, isGroup, type Leaf, type OperandType } from "./model";
import type { Operator } from "./tree";

// replacePart returns a group in which the part with an id is another; none takes it
// away, and a group that would be left without parts gets a blank one.
export function replacePart(group: Group, id: number, by: Leaf | Group | undefined): Group {
  const parts = group.parts.flatMap((p) => (p.id === id ? (by ? [by] : []) : isGroup(p) ? [replacePart(p, id, by)] : [p]));
  return { ...group, parts: parts.length > 0 ? parts : [emptyLeaf()] };
}

// addPart returns a group with one more part, in place of a blank one.
export function addPart(group: Group, part: Leaf | Group): Group {
  const parts = group.parts.filter((p) => isGroup(p) || !isBlank(p));
  if (group.join === "and" && !group.not) return { ...group, parts: [...parts, part] };
  return parts.length === 0 ? { ...group, parts: [part] } : { ...group, id: emptyLeaf().id, not: false, join: "and", parts: [{ ...group, parts }, part] };
}

// operandTypeOf returns how a value of a type is typed.
export function operandTypeOf(type: Type): OperandType {
  return type === "S" || type === "N" || type === "B" || type === "BOOL" || type === "NULL" ? type : "JSON";
}

// What the choice of an operator shows for each, those of size after them.
export const operatorNames: [operator: Operator, size: boolean, text: string][] = [
  ["=", false, "="],
  ["<>", false, "≠"],
  ["<", false, "<"],
  ["<=", false, "≤"],
  [">", false, ">"],
  [">=", false, "≥"],
  ["BETWEEN", false, "between"],
  ["IN", false, "is one of"],
  ["begins_with", false, "begins with"],
  ["contains", false, "contains"],
  ["attribute_exists", false, "exists"],
  ["attribute_not_exists", false, "does not exist"],
  ["attribute_type", false, "has type"],
  ["=", true, "size ="],
  ["<>", true, "size ≠"],
  ["<", true, "size <"],
  ["<=", true, "size ≤"],
  [">", true, "size >"],
  [">=", true, "size ≥"],
  ["BETWEEN", true, "size between"],
];
