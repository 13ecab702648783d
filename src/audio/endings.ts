/**
 * Endings of the files that are taken for recordings, lossless ones first; the format itself is told from the content.
 *
 * The last line's are not decoded: what is to be done about such a recording is said instead of passing over it.
 */
export const AUDIO_ENDINGS: readonly string[] = [
  ...['.wav', '.wave', '.bwf', '.rf64', '.w64', '.flac', '.aif', '.aiff', '.aifc', '.caf', '.au', '.snd'],
  ...['.m4a', '.mp4', '.m4b', '.m4v', '.mov', '.3gp', '.3gpp', '.3g2', '.aac', '.mp3', '.ogg', '.oga', '.opus'],
  ...['.webm', '.weba', '.mka', '.mkv', '.amr', '.awb', '.wma', '.wmv', '.asf'],
  ...['.ape', '.wv', '.tta', '.sph', '.avi', '.ac3', '.gsm', '.mp2', '.voc', '.ra'],
];
