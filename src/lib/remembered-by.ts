// Results kept for as long as what they were made of.

/** `make`, asked once for each key. Keys must not change afterwards; a result goes when its key does. */
export function rememberedBy<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const results = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const known = results.get(key);
    if (known !== undefined) return known.value;
    const value = make(key);
    results.set(key, { value });
    return value;
  };
}
