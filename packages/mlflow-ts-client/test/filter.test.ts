import { describe, expect, it } from 'vitest';
import { where } from '../src/index.js';

describe('filters', () => {
  it('quote names and values', () => {
    expect(
      `${where
        .metric('val/psnr', '>', 30)
        .and(where.tag('a b', '=', "it's"))
        .and(where.param('lr', '!=', '1'))}`,
    ).toBe("metrics.`val/psnr` > 30 AND tags.`a b` = \"it's\" AND params.`lr` != '1'");
  });
  it('refuse what MLflow cannot say', () => {
    expect(() => where.tag('a`b', '=', 'x')).toThrow('wanted a name without backticks');
    expect(() => where.tag('a', '=', `'"`)).toThrow('wanted a value without both kinds of quotes');
    expect(() => where.metric('a', '>', NaN)).toThrow('wanted a finite number');
  });
});
