/** What may happen to a request on its way. `late` answers nothing and delivers the request after a while. */
export type Fault =
  | 'none'
  | 'delay'
  | 'cut-before'
  | 'cut-after'
  | 'cut-answer'
  | 'duplicate'
  | 'late'
  | '429'
  | '500'
  | '500-done'
  | 'html';
export const FAULTS: readonly Fault[] = [
  'delay',
  'cut-before',
  'cut-after',
  'cut-answer',
  'duplicate',
  'late',
  '429',
  '500',
  '500-done',
  'html',
];

/** What a gateway answers by itself. */
export const GATEWAY_ANSWERS: Partial<
  Record<Fault, { readonly status: number; readonly type: string; readonly body: string }>
> = {
  429: { status: 429, type: 'application/json', body: '{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"slow down"}' },
  500: { status: 500, type: 'application/json', body: '{"error_code":"INTERNAL_ERROR","message":"broken"}' },
  html: { status: 502, type: 'text/html', body: '<!doctype html><title>Bad gateway</title>' },
};
export const HTML_500 = { status: 500, type: 'text/html', body: '<!doctype html><title>500</title>' };
