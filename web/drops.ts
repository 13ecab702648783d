import type { FolderFile } from '../src/model/model-files.js';

/** What of a folder may be a model's: nothing else is looked at. */
const OF_A_MODEL = /(^|\/)(model\.json|weights-[^/]*\.bin|MODEL_CARD\.md)$/;

/** Something that was dropped or chosen. */
export type Given =
  | { readonly kind: 'recordings'; readonly files: readonly File[] }
  | { readonly kind: 'model'; readonly name: string; readonly files: readonly FolderFile[] };

/** What was dropped: a folder, or a model's files, are a model; all else are recordings. */
export async function dropped(data: DataTransfer): Promise<Given> {
  // To be asked for before anything is waited for.
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files = [...data.files];
  const folder = entries.find((entry) => entry.isDirectory);
  if (folder) {
    const found = await filesBelow(folder as FileSystemDirectoryEntry, '');
    return { kind: 'model', name: folder.name, files: found };
  }
  return files.some(({ name }) => OF_A_MODEL.test(name)) ? chosenModel(files) : { kind: 'recordings', files };
}

/** A folder that was chosen, as its files. */
export function chosenModel(files: readonly File[]): Given {
  const pathOf = (file: File) => file.webkitRelativePath || file.name;
  const [name, ...inner] = pathOf(files[0]).split('/');
  return {
    kind: 'model',
    name: inner.length > 0 ? name : 'the given files',
    files: files
      .map((file) => ({
        path: pathOf(file)
          .split('/')
          .slice(inner.length > 0 ? 1 : 0)
          .join('/'),
        blob: file,
      }))
      .filter(({ path }) => OF_A_MODEL.test(path)),
  };
}

/** Folders in folders that a run's model may be in, members of an ensemble included: nobody's whole disk is searched. */
const MOST_LEVELS = 4;

async function filesBelow(folder: FileSystemDirectoryEntry, path: string, level = 1): Promise<FolderFile[]> {
  const reader = folder.createReader();
  const found: FolderFile[] = [];
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return found;
    for (const entry of entries) {
      const inner = `${path}${entry.name}`;
      if (entry.isDirectory) {
        if (level < MOST_LEVELS)
          found.push(...(await filesBelow(entry as FileSystemDirectoryEntry, `${inner}/`, level + 1)));
      } else if (OF_A_MODEL.test(inner)) found.push({ path: inner, blob: await fileOf(entry as FileSystemFileEntry) });
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
