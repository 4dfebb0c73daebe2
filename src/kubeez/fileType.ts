/** What tells a file's type from its bytes; loaded for the first file, because no start needs it. */
export { fileTypeFromBlob, fileTypeFromBuffer } from 'file-type';
