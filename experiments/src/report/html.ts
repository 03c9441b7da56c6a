/** Text made safe for HTML content and attribute values. */
function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Markup that is safe to insert as it is. */
export interface Markup {
  readonly html: string;
}

/** Marks text as markup: for parts that {@link html} made, and for figures. */
export function raw(text: string): Markup {
  return { html: text };
}

/** A template whose values are escaped unless they are markup; lists are joined. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  const written = values.map((value) => {
    if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
    return 'html' in value ? value.html : value.map((item) => item.html).join('');
  });
  return raw(parts.map((part, i) => part + (written[i] ?? '')).join(''));
}
