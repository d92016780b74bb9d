import { Type, type TArray, type TArrayOptions, type TImmutable, type TSchema } from 'typebox';

/** An array schema whose static type is readonly, as all arrays of the domain are. */
export function readonlyList<Item extends TSchema>(item: Item, options?: TArrayOptions): TImmutable<TArray<Item>> {
  return Type.Immutable(Type.Array(item, options));
}
