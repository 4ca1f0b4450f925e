import type { SiteContext } from '../context.ts';
import type { SiteComment } from '../model.ts';
import type { IssueRecord } from '../state/store.ts';
import { richTextToAdf, richTextToWiki } from './adf.ts';
import type { ApiVersion } from './people.ts';
import { base, renderUser } from './people.ts';
import { jiraTime } from './time.ts';

interface CommentScene {
  readonly context: SiteContext;
  readonly record: IssueRecord;
  readonly version: ApiVersion;
}

export function renderComment({ context, record, version }: CommentScene, comment: SiteComment) {
  const offset = context.options.timeZoneOffset;
  return {
    self: `${base(context, version)}/issue/${record.id}/comment/${comment.id}`,
    id: comment.id,
    author: renderUser(context, comment.author, version),
    body: version === 2 ? richTextToWiki(comment.body) : richTextToAdf(comment.body),
    updateAuthor: renderUser(context, comment.author, version),
    created: jiraTime(comment.created, offset),
    updated: jiraTime(comment.updated, offset),
    jsdPublic: !comment.internal,
  };
}

/** The `comment` field of a whole issue. */
export function renderComments(scene: CommentScene) {
  const comments = scene.record.comments.map((comment) => renderComment(scene, comment));
  const self = `${base(scene.context, scene.version)}/issue/${scene.record.id}/comment`;
  return { comments, self, maxResults: comments.length, total: comments.length, startAt: 0 };
}
