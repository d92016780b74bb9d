import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeKvKey, encodeKvKey, type KvKeyPart } from '../../src/query/kv-key.ts';
import { parseKvKey } from '../../src/query/parse-key.ts';

/** As Deno writes them, seen in Postgres' logs. */
test.each([
  ['["users"]', '02757365727300'],
  ['["users","alice"]', '0275736572730002616c69636500'],
  ['["n",1]', '026e0021bff0000000000000'],
  ['["n", -1.5]', '026e00214007ffffffffffff'],
  ['["id",10000n]', '02696400162710'],
  ['["id",-1n]', '0269640013fe'],
  ['["b",Uint8Array[0,1,255],true,false]', '0262000100ff01ff002726'],
  [`["x",${String(2n ** 64n)}n]`, '0278001d09010000000000000000'],
])('%s is \\x%s', (json, hex) => {
  expect(parseKvKey(json)?.toString('hex')).toBe(hex);
  expect(parseKvKey(`\\x${hex}`)?.toString('hex')).toBe(hex);
  const parts = decodeKvKey(Buffer.from(hex, 'hex'));
  expect(parts === null ? null : encodeKvKey(parts).toString('hex')).toBe(hex);
});

const part: fc.Arbitrary<KvKeyPart> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }),
  fc.boolean(),
  fc.uint8Array({ maxLength: 20 }),
);

test('what is encoded is decoded again', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const read = decodeKvKey(encodeKvKey(parts));
      expect(read?.map((one) => (one instanceof Uint8Array ? [...one] : one))).toEqual(
        parts.map((one) => (one instanceof Uint8Array ? [...one] : one)),
      );
    }),
  );
});

test.each(['', 'users', '[', '[]', '["a"', '["a",]', '[null]', '["a",{}]', '[300n,Uint8Array[300]]', '\\x0', '\\xzz'])(
  'no key: %s',
  (text) => {
    expect(parseKvKey(text)).toBeNull();
  },
);

test('hostile text is refused at once', () => {
  for (const text of [`[${'"'.repeat(5000)}]`, `[${'1,'.repeat(900)}`, `["${'\\'.repeat(4001)}]`]) {
    expect(parseKvKey(text)).toBeNull();
  }
});
