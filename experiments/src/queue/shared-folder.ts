/** How long a shared file system may hide what another machine wrote: NFS keeps a folder's listing for a minute. */
export const HIDDEN_MS = 90_000;
