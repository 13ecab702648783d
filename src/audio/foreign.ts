import { FormatError, HeaderError } from './header.js';
import { mark } from './source.js';

/** What stands in the place of a recording, by the text that it starts with: what it is, and what to do. */
const TEXTS: readonly (readonly [start: RegExp, reason: string])[] = [
  [
    /^version https:\/\/git-lfs/,
    'a pointer of Git LFS to a recording that was not downloaded: run `git lfs pull` in its repository',
  ],
  [
    /^\s*<(!doctype html|html|head|body|script)/i,
    "a web page under a recording's name, such as a server's log-in or error page: download the recording again",
  ],
  [
    /^\s*(<\?xml|<Error|\{\s*"|\[\s*[{"])/,
    "XML or JSON under a recording's name, such as a server's error message: download the recording again",
  ],
];

/** The same by marks. */
const OTHERS: readonly (readonly [marks: readonly string[], reason: string])[] = [
  [['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'], 'a zip archive: unpack it'],
  [['Rar!', '7z\xbc\xaf', '\x1f\x8b', 'BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd'], 'a packed archive: unpack it'],
  [['bplist00'], 'what iCloud leaves in place of a recording: open it once so that it is downloaded'],
];

/** Sound and moving pictures that are recognised and not decoded, by their marks. */
const FORMATS: readonly (readonly [marks: readonly string[], format: string])[] = [
  [['RIFF'], 'an AVI video, or another RIFF file'],
  [['wvpk'], 'a WavPack file'],
  [['MAC '], "a Monkey's Audio file"],
  [['TTA1', 'TTA2'], 'a True Audio file'],
  [['MPCK', 'MP+'], 'a Musepack file'],
  [['DSD ', 'FRM8'], 'a DSD file'],
  [['NIST_1A'], 'a NIST SPHERE file'],
  [['Creative Voice File'], 'a Creative Voice file'],
  [['.RMF', '.ra\xfd'], 'a RealAudio file'],
  [['FLV\x01'], 'a Flash video'],
  [['\0\0\x01\xba', '\0\0\x01\xb3'], 'an MPEG video'],
  [['\x0bw'], 'an AC-3 file'],
  [['\x7f\xfe\x80\x01'], 'a DTS file'],
  [['ADIF'], 'an ADIF file'],
  [['\xff\xfd', '\xff\xfc', '\xff\xf5', '\xff\xf4'], 'an MPEG layer II file'],
];

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Characters of a text that are shown. */
const SHOWN = 40;

/**
 * Why a file in no format that is read cannot be: what it is instead, as far as its first bytes tell.
 *
 * @param start - the first bytes
 */
export function foreignFile(start: Uint8Array): HeaderError {
  const all = mark(start, 0, start.length);
  const begins = (marks: readonly string[]) => marks.some((each) => all.startsWith(each));
  const format = FORMATS.find(([marks]) => begins(marks));
  if (format) return new FormatError(format[1]);
  const text = all.startsWith(BYTE_ORDER_MARK) ? all.slice(BYTE_ORDER_MARK.length) : all;
  const other = OTHERS.find(([marks]) => begins(marks)) ?? TEXTS.find(([pattern]) => pattern.test(text));
  if (other) return new HeaderError(`not a recording, but ${other[1]}`);
  if (start.every((byte) => byte === 0))
    return new HeaderError(
      'not a recording: it begins with nothing but zeros, as a download does that was not finished: download it again',
    );
  if (/^[\x20-\x7e\s]+$/.test(text))
    return new HeaderError(`not a recording, but a text, which begins with ${JSON.stringify(text.slice(0, SHOWN))}`);
  return new HeaderError('not a recording in a format that is known here: leave it out, or convert it to WAV');
}
