// Keras's own way to turn names of classes into names of groups and functions.

/** `Conv2DTranspose` -> `conv2d_transpose`, as Keras does it. */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
