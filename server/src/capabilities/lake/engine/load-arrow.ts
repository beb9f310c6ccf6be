import { createRequire } from 'node:module';

/** What writes the columns of a batch, one method a type. */
interface Assembler {
  visitBool(data: { readonly nullCount: number; readonly length: number }): unknown;
}

let mended = false;

/**
 * Loads apache-arrow, mended: of a column of booleans that are all null it writes no bits, which LanceDB takes for a broken file.
 */
export async function loadArrow() {
  if (!mended) {
    mended = true;
    // LanceDB uses the copy that `require` gives.
    const { VectorAssembler } = createRequire(import.meta.url)('apache-arrow/visitor/vectorassembler') as {
      readonly VectorAssembler: { readonly prototype: Assembler };
    };
    const write = VectorAssembler.prototype.visitBool;
    VectorAssembler.prototype.visitBool = function (this: Assembler, data) {
      const all = data.nullCount >= data.length;
      return write.call(this, all ? Object.create(data, { nullCount: { value: 0 } }) : data);
    };
  }
  return import('apache-arrow');
}
