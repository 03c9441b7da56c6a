import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { FailureError } from '@lacuna/core';
import { workspaceRoot } from '../machine/workspace.js';

/** Somebody as model packages name them. */
interface Author {
  readonly name: string;
  readonly affiliation?: string;
  readonly orcid?: string;
}

const author = z
  .object({
    name: z.string(),
    'given-names': z.string(),
    'family-names': z.string(),
    affiliation: z.string(),
    orcid: z.string(),
  })
  .partial();
const citation = z.object({
  authors: z.array(author).min(1),
  license: z.string().optional(),
  'repository-code': z.string().optional(),
  doi: z.string().optional(),
  title: z.string(),
});

/** What CITATION.cff says of who made Lacuna. */
export interface Citation {
  readonly authors: readonly Author[];
  readonly licence: string | null;
  readonly repository: string | null;
  readonly doi: string | null;
  readonly title: string;
}

/**
 * Reads CITATION.cff (Citation File Format 1.2).
 * @throws {FailureError} if it is missing or without authors.
 */
export function readCitation(path: string = join(workspaceRoot, 'CITATION.cff')): Citation {
  let found: z.infer<typeof citation>;
  try {
    found = citation.parse(parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new FailureError(
      { who: path, got: 'no list of authors', wanted: 'a citation file (CFF 1.2)' },
      { cause: error },
    );
  }
  return {
    title: found.title,
    licence: found.license ?? null,
    repository: found['repository-code'] ?? null,
    doi: found.doi ?? null,
    authors: found.authors.map((person) => ({
      name: person.name ?? [person['given-names'], person['family-names']].filter(Boolean).join(' '),
      ...(person.affiliation === undefined ? {} : { affiliation: person.affiliation }),
      ...(person.orcid === undefined ? {} : { orcid: person.orcid.replace(/^https?:\/\/orcid\.org\//, '') }),
    })),
  };
}

/**
 * Where an architecture comes from, as the catalogue writes it, with its address: "arXiv:1707.02921",
 * "doi:10.1038/...".
 */
export function sourceLink(source: string): { text: string; doi?: string; url?: string } {
  const [kind, id] = source.split(/:(.*)/s) as [string, string];
  if (kind === 'doi') return { text: source, doi: id };
  return kind === 'arXiv' ? { text: source, url: `https://arxiv.org/abs/${id}` } : { text: source };
}
