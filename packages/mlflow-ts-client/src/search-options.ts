/** Which runs or experiments a search looks at. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** What a search asks for. */
export interface SearchOptions {
  /** A filter string, or what `where` builds. */
  readonly filter?: string | { toString(): string };
  /** Fields to sort by, such as `metrics.psnr DESC`. */
  readonly orderBy?: readonly string[];
  /** Results of one page. */
  readonly maxResults?: number;
  /** Default `ACTIVE_ONLY`. */
  readonly viewType?: ViewType;
  /** `nextPageToken` of the page before; default: the first page. */
  readonly pageToken?: string;
}
