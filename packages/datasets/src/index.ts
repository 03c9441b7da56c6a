export * from './browser.js';
export { alignPair, describeAlignments, type AlignedPair } from './align/align-pair.js';
export { estimateAlignment, type Alignment } from './align/estimate.js';
export { phaseCorrelation, type Plane } from './align/phase-correlation.js';
export { alignLimits, alignSpec, type AlignSpec } from './align/spec.js';
export type { PairTransform } from './align/transform.js';
export { alignVolumes, type AlignedVolumes } from './align/volume/align-volume.js';
export { type RegistrationStore } from './align/volume/registrations.js';
export { estimateVolumeAlignment, type VolumeAlignment } from './align/volume/estimate-volume.js';
export type { VolumeTransform } from './align/volume/transform.js';
export {
  adjointAxes,
  applyAxes,
  kernelOperator,
  type AxisOperator,
  type AxisOperators,
  type Edge,
} from './filters/axis-operator.js';
export {
  degrade,
  forwardOperator,
  planDegradation,
  type DegradationPlan,
  type ForwardOperator,
} from './degrade/degrade.js';
export type { Block, Grid } from './degrade/stages.js';
export { backProject } from './degrade/back-project.js';
export { noiseVariance, splitNoise } from './degrade/noise.js';
export { richardsonLucy } from './degrade/richardson-lucy.js';
export { forwardKernels, type KnownModelSpec } from './degrade/kernels.js';
export { noiseModel } from './degrade/noise-model.js';
export type { OwnDegradation } from './degrade/own-degradation.js';
export {
  boxSampling,
  cubicSampling,
  pointSampling,
  type AxisSampling,
  type ForwardKernels,
} from './degrade/sampling.js';
export { confocalPsf, type PsfWidths } from './degrade/optics.js';
export {
  degradationSpec,
  factorsOf,
  forwardModelNames,
  knownForwardModels,
  opticsSpec,
  registerDegradation,
  registeredDegradationSpec,
  type DegradationSpec,
  type OpticsSpec,
} from './degrade/spec.js';
export { writePng } from './formats/png-write.js';
export { isZarrStore, sniffKind, type FileKind } from './formats/file-kind.js';
export type { ImageStream } from './formats/image-stream.js';
export { listImages } from './formats/list-images.js';
export { openImage, readFrames, readImage } from './formats/read.js';
export { globImages, isGlob } from './sources/glob.js';
export { readTiff } from './formats/tiff/open-file.js';
export { createTiffStream, type TiffStreamOptions } from './formats/tiff/stream.js';
export { writeTiff } from './formats/tiff/write.js';
export { createZarrStream, writeZarr, type ZarrStreamOptions } from './formats/zarr/write.js';
export { sampleBatch } from './patches/patch-sampling.js';
export { createPatchSource, type PatchSource } from './patches/patch-source.js';
export type { PatchField, PatchGroup, PatchRegion, PatchSize, PatchSourceOptions } from './patches/patch-types.js';
export type { Augment, Exchange } from './patches/symmetry.js';
export {
  denormalise,
  fitNormalisation,
  normalisationSpec,
  normalise,
  preprocess,
  preprocessShape,
  type Normalisation,
  type NormalisationSpec,
  type PreprocessSpec,
} from './preprocess/preprocess.js';
export { filterPlanes, gaussianBlur, gaussianKernel, type FilterKernel } from './filters/separable.js';
export {
  splitImages,
  splitPlaces,
  splitSpec,
  splitUnpaired,
  type Region,
  type Split,
  type SplitOptions,
  type SplitSpec,
} from './split/split.js';
export type { Box, ImageExtent, Place, RegionBox, Role } from './split/place.js';
export { dentinSpec, synthesizeDentin, type DentinOptions, type DentinSpec } from './synthesize/dentin.js';
export type { SpecimenOptions, SyntheticSpecimen } from './synthesize/specimen.js';
export {
  isStructure,
  knownStructures,
  structureNames,
  structures,
  type StructureName,
} from './synthesize/structures.js';
export { exposureOptions, type OwnStructure, type Tube, type TubeSpace } from './synthesize/own-structure.js';
export {
  compareAged,
  compareWithLiterature,
  measureSpecimens,
  type Comparison,
  type Sample,
} from './synthesize/compare.js';
export type { LiteratureFigure, Quantity } from './synthesize/literature.js';
export {
  literatureSpecimens,
  type LiteratureOptions,
  type LiteratureSpecimens,
} from './synthesize/literature-specimens.js';
export type { GrownSpecimen } from './synthesize/specimen.js';
export { networkGraphml, networkJson } from './synthesize/network-files.js';
export { writeSpecimen } from './synthesize/write-specimen.js';
export type { Network, NetworkBranch, NetworkNode } from './synthesize/network.js';
export { fetchEntry, verifyEntry, type FetchOptions, type FileState } from './sources/fetch.js';
export { pinFolder, pinnedFile, requireUserPins, userPins, type UserPins } from './sources/pins.js';
export { readMrc } from './formats/mrc.js';
export { loadSource, type LoadOptions, type LoadedSource, type Truth } from './sources/load.js';
export {
  describedIds,
  listRegistry,
  registryEntry,
  pairIds,
  registryIds,
  requirePinned,
  termsOf,
  type Origin,
  type RegistryEntry,
  type RegistryId,
} from './sources/registry.js';
export { sourceFiles, type SourceFile } from './sources/source-files.js';
export { registerFiles, type PairFiles } from './sources/take-files.js';
export { dataSpec, registerStructure, registeredDataSpec, type DataSpec } from './sources/spec.js';
