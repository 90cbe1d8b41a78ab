import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { type Item, identity, itemOf, keyOf, textOf } from "../model/value";
import { clientOf, type Place } from "../server";

// itemQuery asks for an item by its key, as it is now; null is that there is none.
// It is asked once: what is edited does not change beneath.
export function itemQuery(place: Place, table: string, keys: readonly string[], item: Item) {
  return {
    queryKey: ["item", place.account, place.region, table, identity(item, keys)],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Item | null> => {
      const { Item: found } = await clientOf(place).send(new GetItemCommand({ TableName: table, Key: keyOf(item, keys), ConsistentRead: true }), { abortSignal: signal });
      return found ? itemOf(found) : null;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  };
}

// keyText returns an item's key in one line, for people.
export function keyText(item: Item, keys: readonly string[]): string {
  return keys.flatMap((name) => { const v = item[name]; return v ? [`${name} = ${shorten(textOf(v), 60)}`] : []; }).join(", ");
}

export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
