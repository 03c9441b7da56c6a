/** Something reached, and how far it is. */
export interface HeapItem {
  readonly node: number;
  readonly at: number;
}

/** Adds an item to a binary heap. */
export function pushItem(heap: HeapItem[], item: HeapItem): void {
  let i = heap.push(item) - 1;
  while (i > 0 && heap[(i - 1) >> 1].at > item.at) {
    heap[i] = heap[(i - 1) >> 1];
    i = (i - 1) >> 1;
  }
  heap[i] = item;
}

/** Takes the nearest item out of a binary heap that is not empty. */
export function popNearest(heap: HeapItem[]): HeapItem {
  const top = heap[0];
  const last = heap.pop()!;
  if (heap.length === 0) return top;
  let i = 0;
  for (let child = 1; child < heap.length; child = 2 * i + 1) {
    if (child + 1 < heap.length && heap[child + 1].at < heap[child].at) child++;
    if (heap[child].at >= last.at) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = last;
  return top;
}
