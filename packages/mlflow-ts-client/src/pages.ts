import type { Page } from './entities/scalars.js';

/** Every item of every page; a page is asked for when the one before is used up. */
export async function* pages<Item>(
  fetchPage: (pageToken: string | undefined) => Promise<Page<Item>>,
): AsyncIterable<Item> {
  let pageToken: string | undefined;
  do {
    const page = await fetchPage(pageToken);
    yield* page.items;
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}
