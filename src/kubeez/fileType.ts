/** What tells a file's type from its bytes; loaded after the login, which does not need it. */
export { fileTypeFromBlob, fileTypeFromBuffer } from 'file-type';
