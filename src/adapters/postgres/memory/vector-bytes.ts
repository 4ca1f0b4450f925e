import { z } from 'zod';
import { TransientError } from '../../../domain/errors.ts';

/** A column of vectors is read as `encode(embedding, 'base64')`: an embedded database is slow in everything else. */
export const VectorBytes = z.string().transform(floatsOf);

/** 32-bit floats, the highest byte first. */
function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new Float32Array(bytes.byteLength >>> 2);
  for (let index = 0; index < floats.length; index++) floats[index] = view.getFloat32(index * 4);
  return floats;
}

/** The reverse. Throws `TransientError` for what is no number in 32 bits. */
export function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) {
    if (!Number.isFinite(Math.fround(value))) throw new TransientError('a vector holds what is no number');
    bytes.writeFloatBE(value, index * 4);
  }
  return bytes.toString('base64');
}
