/** The service's answer to a question for ICE servers and fresh credentials. */
import { decodeIce, type IceTerms } from '../protocol';

const PATH = '/api/v1/ice';

/** Asks once, as the holder of the resume token. Rejects where there is no answer. */
export async function fetchIce(token: string | null, signal: AbortSignal): Promise<IceTerms> {
  if (token === null) throw new Error('there is no session to ask for');
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(PATH, { headers, signal, cache: 'no-store' });
  if (!response.ok) throw new Error(`${PATH} was answered by ${response.status}`);
  const ice = decodeIce(await response.json());
  if (ice === null) throw new Error(`${PATH} was answered by something else`);
  return ice;
}
