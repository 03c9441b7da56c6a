/** What MODEL may be. */
export const modelKinds =
  'an ONNX file, a checkpoint, a model package, the folder of a trial or sweep, an MLflow run id or experiment';

/** Where a model's bytes come from. */
export interface LocatedModel {
  /** For people: what it is and where it was found. */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** The trial that trained it, where its folder is at hand. */
  readonly trial: string | null;
}

/** Which model, where MODEL names several. */
export interface Selection {
  readonly by: string | null;
  readonly method: string | null;
  readonly trackingUri: string | null;
}
