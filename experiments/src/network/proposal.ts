import type { ProposedLink } from '@lacuna/iqa';

/** A link that the image suggests and the network lacks; nodes are those of the measured network. */
export interface Proposal extends ProposedLink {
  readonly id: number;
}
