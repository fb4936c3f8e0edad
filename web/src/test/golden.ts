import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One golden message; the Rust tests read the same files. */
export interface Golden {
  readonly name: string;
  /** The exact text of the frame. */
  readonly json: string;
  readonly valid: boolean;
  readonly why?: string;
}

type File = 'client.json' | 'server.json' | 'moderation-client.json' | 'moderation-server.json';

export function golden(file: File): Golden[] {
  const path = join(import.meta.dirname, '../../../tests/fixtures/protocol', file);
  return JSON.parse(readFileSync(path, 'utf8')) as Golden[];
}
