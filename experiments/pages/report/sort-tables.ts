/** Makes tables sortable: by a click, or Enter, on the head of a column; rows without a value come last. */
export function sortTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) makeSortable(table);
}

function makeSortable(table: HTMLTableElement): void {
  const heads = [...table.tHead!.rows[0].cells];
  const body = table.tBodies[0];
  const original = [...body.rows];
  for (const [column, head] of heads.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.title = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const next = nextOrder(head.getAttribute('aria-sort'));
      for (const other of heads) other.removeAttribute('aria-sort');
      if (next !== null) head.setAttribute('aria-sort', next);
      body.append(...(next === null ? original : sorted(original, column, next)));
    });
  }
}

type Order = 'ascending' | 'descending';

/** Largest first, then smallest, then as it was. */
function nextOrder(order: string | null): Order | null {
  if (order === null) return 'descending';
  return order === 'descending' ? 'ascending' : null;
}

function sorted(rows: readonly HTMLTableRowElement[], column: number, order: Order): HTMLTableRowElement[] {
  const sign = order === 'ascending' ? 1 : -1;
  if (column === 0)
    return [...rows].sort((a, b) => -sign * a.cells[0].textContent.localeCompare(b.cells[0].textContent));
  const valueOf = (row: HTMLTableRowElement) => row.cells[column].dataset.value;
  const known = rows.filter((row) => valueOf(row) !== undefined);
  const unknown = rows.filter((row) => valueOf(row) === undefined);
  return [...known.sort((a, b) => sign * (Number(valueOf(a)) - Number(valueOf(b)))), ...unknown];
}
