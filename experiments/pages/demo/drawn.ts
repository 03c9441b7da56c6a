import type { ComparedPictures, DrawnNetwork } from '../compare-view.js';
import { greyPicture } from '../grey-picture.js';
import type { ShownNetwork, ShownPlane } from './protocol.js';

/** Colours of Okabe and Ito, as in the pictures that `lacuna network` writes. */
const colours = { branch: '#56b4e9', weak: '#e69f00', end: '#d55e00', junction: '#ffffff' } as const;

/** A plane as two pictures to compare: bicubic left, enlarged right. */
export function drawnPlane({ sr, bicubic, width, height, reduced, z }: ShownPlane): ComparedPictures {
  return {
    left: greyPicture(bicubic, width, height),
    right: greyPicture(sr, width, height),
    width: width * reduced,
    height: height * reduced,
    z,
  };
}

/** The network over a plane: weak branches last, since what they cross is the stronger one. */
export function drawnNetwork({ branches, ends, junctions }: ShownNetwork): DrawnNetwork {
  return {
    branches: [...branches]
      .sort((a, b) => Number(a.isWeak) - Number(b.isWeak))
      .map(({ isWeak, pixels, text }) => ({
        colour: isWeak ? colours.weak : colours.branch,
        dash: isWeak ? [6, 2] : [],
        pixels,
        text,
      })),
    points: [
      { colour: colours.junction, places: junctions },
      { colour: colours.end, places: ends },
    ],
  };
}
