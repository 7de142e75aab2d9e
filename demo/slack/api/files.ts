import { isEmpty, newContent, readContent } from '../content.ts';
import { newId } from '../ids.ts';
import type { Fields } from '../json.ts';
import { isFields, stringOf } from '../json.ts';
import type { StoredFile } from '../workspace.ts';
import { postableChannel } from './channels.ts';
import { apiFile } from './message.ts';
import type { ApiContext, ApiMethod, Args } from './method.ts';
import { ApiError, invalid } from './error.ts';

const TYPES: Record<string, [filetype: string, mimetype: string]> = {
  png: ['png', 'image/png'],
  jpg: ['jpg', 'image/jpeg'],
  gif: ['gif', 'image/gif'],
  svg: ['svg', 'image/svg+xml'],
  json: ['json', 'application/json'],
  yaml: ['yaml', 'text/yaml'],
  yml: ['yaml', 'text/yaml'],
  csv: ['csv', 'text/csv'],
};

const MAX_BYTES = 50_000_000;

const getUploadUrl: ApiMethod = {
  token: 'bot',
  tier: 4,
  scopes: () => ['files:write'],
  run(args, context): Fields {
    const name = args.required('filename');
    const length = Number(args.required('length'));
    if (!Number.isInteger(length) || length <= 0 || length > MAX_BYTES) {
      throw invalid('invalid_arguments', ['must provide a number [json-pointer:/length]']);
    }
    const id = newId('F');
    context.uploads.set(id, { name, length });
    return { upload_url: `${context.url()}/upload/v1/${id}`, file_id: id };
  },
};

function finish(entry: unknown, context: ApiContext): StoredFile {
  const id = isFields(entry) ? stringOf(entry['id']) : undefined;
  if (!isFields(entry) || !id) throw invalid('invalid_arguments', ['missing required field: id']);
  const upload = context.uploads.get(id);
  // Completed, never announced, or announced without its bytes.
  if (!upload?.bytes) throw new ApiError('file_not_found');
  const extension = /\.([a-z0-9]+)$/i.exec(upload.name)?.[1]?.toLowerCase() ?? '';
  const [filetype, mimetype] = TYPES[extension] ?? ['text', 'text/plain'];
  return {
    id,
    name: upload.name,
    title: stringOf(entry['title']) ?? upload.name,
    filetype,
    mimetype,
    bytes: upload.bytes,
    user: context.app.botUserId,
    created: Math.floor(Date.now() / 1000),
  };
}

function share(files: StoredFile[], target: string, args: Args, context: ApiContext): void {
  const channel = postableChannel(target, context);
  const content = readContent({ ...args.fields, text: args.text('initial_comment') }, context.fileExists);
  const threadTs = args.text('thread_ts');
  context.workspace.post({
    channel: channel.id,
    user: context.app.botUserId,
    ...(isEmpty(content) ? { text: '' } : newContent(content)),
    ...(threadTs ? { threadTs } : {}),
    files,
  });
}

const complete: ApiMethod = {
  token: 'bot',
  tier: 4,
  scopes: () => ['files:write'],
  run(args, context): Fields {
    const list = args.json('files');
    if (!Array.isArray(list) || list.length === 0)
      throw invalid('invalid_arguments', ['missing required field: files']);
    const files = list.map((entry) => finish(entry, context));
    const targets = [args.text('channel_id'), ...(args.text('channels')?.split(',') ?? [])].filter(
      (id) => id !== undefined,
    );
    for (const target of targets) postableChannel(target, context);
    for (const file of files) {
      context.uploads.delete(file.id);
      context.workspace.files.set(file.id, file);
    }
    for (const target of targets) share(files, target, args, context);
    return { files: files.map((file) => apiFile(file, context)) };
  },
};

export const fileMethods: Record<string, ApiMethod> = {
  'files.getUploadURLExternal': getUploadUrl,
  'files.completeUploadExternal': complete,
};
