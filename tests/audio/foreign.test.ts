import assert from 'node:assert/strict';
import { AUDIO_ENDINGS } from '../../src/audio/endings.js';
import { foreignFile } from '../../src/audio/foreign.js';

const named = (start: string) => foreignFile(Buffer.from(start, 'latin1')).message;

describe('foreignFile()', () => {
  const others: Record<string, [start: string, message: RegExp]> = {
    'a pointer of Git LFS': ['version https://git-lfs.github.com/spec/v1\noid', /Git LFS .*: run `git lfs pull`/],
    'a web page': ['<!DOCTYPE html>\n<html><head><title>Log in', /a web page .*: download the recording again$/],
    'a web page behind a mark': ['\xef\xbb\xbf\r\n <HTML>', /a web page/],
    'a message in XML': ['<?xml version="1.0"?><Error><Code>AccessDenied', /XML or JSON .*: download/],
    'a message in JSON': ['{"message": "Not Found"}', /XML or JSON/],
    'a zip archive': ['PK\x03\x04\x14\0', /a zip archive: unpack it$/],
    'a RAR archive': ['Rar!\x1a\x07', /a packed archive: unpack it$/],
    'a gzipped file': ['\x1f\x8b\x08', /a packed archive/],
    'a placeholder of iCloud': ['bplist00\xd4', /iCloud .*: open it once/],
    zeros: ['\0\0\0\0\0\0\0\0', /nothing but zeros, .*: download it again$/],
    'another text': ['Too many\nrequests', /but a text, which begins with "Too many\\nrequests"$/],
    'anything else': ['\x01\x02\x03 something', /^not a recording in a format that is known here/],
  };
  for (const [name, [start, message]] of Object.entries(others))
    it(`names ${name}, and says what to do`, () => {
      assert.match(named(start), message);
      assert.match(named(start), /^not a recording/);
    });

  it('shows no more than 40 characters of a text', () => {
    assert.match(named('x'.repeat(64)), /"x{40}"$/);
  });

  it('names sound that is not decoded, with the command that converts it', () => {
    const formats: Record<string, string> = {
      'RIFF____AVI ': 'an AVI video, or another RIFF file',
      'wvpk\0': 'a WavPack file',
      'NIST_1A\n   1024\n': 'a NIST SPHERE file',
      '\x0bw\x12': 'an AC-3 file',
      '\xff\xfd\x90\0': 'an MPEG layer II file',
    };
    for (const [start, format] of Object.entries(formats)) {
      const error = foreignFile(Buffer.from(start, 'latin1'));
      assert.equal(error.name, 'FormatError');
      assert.equal(
        error.message,
        `${format}, which is not decoded here: convert it with \`ffmpeg -i FILE -vn -c:a pcm_s16le FILE.wav\``,
      );
    }
  });
});

describe('AUDIO_ENDINGS', () => {
  it('are in lower case, each once, lossless ones first', () => {
    assert.equal(new Set(AUDIO_ENDINGS).size, AUDIO_ENDINGS.length);
    for (const ending of AUDIO_ENDINGS) assert.match(ending, /^\.[a-z0-9]+$/);
    assert.ok(AUDIO_ENDINGS.indexOf('.aiff') < AUDIO_ENDINGS.indexOf('.m4a'));
  });
});
