import { acceptCollaboration, askCollaboration, endCollaboration } from "./collaborations.ts";
import { freezeShares, thawShares } from "./freezes.ts";
import { deleteOrg, purgeOrgs } from "./deletions.ts";
import { announceEnds } from "./expiry.ts";
import { addGrant, changeGrant, removeGrant } from "./grants.ts";
import { createIssuer, removeIssuer, updateIssuer } from "./issuers.ts";
import { createKey, deleteKey } from "./keys.ts";
import { copyLibrary, putLibrary, removeLibrary } from "./libraries.ts";
import { createLink, deleteLink, openLink } from "./links.ts";
import { inviteMember, removeMember, resendInvitation, updateMember } from "./members.ts";
import { createOrg, updateOrg } from "./orgs.ts";
import { acceptAccess, declineAccess, leaveAccess, leaveReceived } from "./own-access.ts";
import { readdressPerson } from "./people.ts";
import { grantPlatformRole, removePlatformRole } from "./platform.ts";
import {
  acceptShare,
  addRule,
  confirmShare,
  changeRule,
  declineShare,
  hearShare,
  removeRule,
} from "./received.ts";
import { changeRecipient, elevate, removeRecipient, shareResources } from "./recipients.ts";
import { copyResource, deleteResource, patchResource, putResource } from "./resources.ts";
import { changeShare, offerShare, removeShare, resendShare } from "./shares.ts";
import { askReview, closeReview, decideReview, startReview } from "./reviews.ts";
import { createTeam, joinTeam, leaveTeam, removeTeam, renameTeam } from "./teams.ts";
import { deleteRoleSet, putRoleSet } from "./role-sets.ts";
import { deleteType, putType } from "./types.ts";
import {
  createWebhook,
  disableWebhook,
  removeWebhook,
  rotateWebhook,
  updateWebhook,
} from "./webhooks.ts";
import type { Command } from "./change.ts";

/** Everything that people can do. This is the only list of commands. */
export const COMMANDS = {
  "org.create": createOrg,
  "org.update": updateOrg,
  "org.delete": deleteOrg,
  "org.purge": purgeOrgs,
  "roleSet.put": putRoleSet,
  "roleSet.delete": deleteRoleSet,
  "type.put": putType,
  "type.delete": deleteType,
  "resource.put": putResource,
  "resource.patch": patchResource,
  "resource.delete": deleteResource,
  "resource.copy": copyResource,
  "resource.elevate": elevate,
  "recipients.add": shareResources,
  "recipient.change": changeRecipient,
  "recipient.remove": removeRecipient,
  "link.create": createLink,
  "link.delete": deleteLink,
  "link.open": openLink,
  "member.invite": inviteMember,
  "member.update": updateMember,
  "member.resend": resendInvitation,
  "member.remove": removeMember,
  "team.create": createTeam,
  "team.rename": renameTeam,
  "team.remove": removeTeam,
  "team.join": joinTeam,
  "team.leave": leaveTeam,
  "grant.add": addGrant,
  "grant.change": changeGrant,
  "grant.remove": removeGrant,
  "share.offer": offerShare,
  "share.change": changeShare,
  "share.resend": resendShare,
  "share.remove": removeShare,
  "share.freeze": freezeShares,
  "share.thaw": thawShares,
  "received.accept": acceptShare,
  "received.hear": hearShare,
  "received.decline": declineShare,
  "received.confirm": confirmShare,
  "rule.add": addRule,
  "rule.change": changeRule,
  "rule.remove": removeRule,
  "access.accept": acceptAccess,
  "access.decline": declineAccess,
  "access.leave": leaveAccess,
  "access.leaveReceived": leaveReceived,
  "collaboration.ask": askCollaboration,
  "collaboration.accept": acceptCollaboration,
  "collaboration.end": endCollaboration,
  "library.put": putLibrary,
  "library.remove": removeLibrary,
  "library.copy": copyLibrary,
  "person.readdress": readdressPerson,
  "key.create": createKey,
  "key.delete": deleteKey,
  "expiry.announce": announceEnds,
  "issuer.create": createIssuer,
  "issuer.update": updateIssuer,
  "issuer.remove": removeIssuer,
  "webhook.create": createWebhook,
  "webhook.update": updateWebhook,
  "webhook.rotate": rotateWebhook,
  "webhook.remove": removeWebhook,
  "webhook.disable": disableWebhook,
  "review.start": startReview,
  "review.decide": decideReview,
  "review.ask": askReview,
  "review.close": closeReview,
  "platformRole.grant": grantPlatformRole,
  "platformRole.remove": removePlatformRole,
} as const;

export type CommandName = keyof typeof COMMANDS;
export type InputOf<C extends CommandName> =
  (typeof COMMANDS)[C] extends Command<infer I> ? I : never;

/** One edit as doors ask for it. */
export type Edit = { [C in CommandName]: { command: C; input: InputOf<C> } }[CommandName];

/** The command of an edit, with its types tied again. */
export const commandOf = (edit: Edit): Command<unknown> =>
  COMMANDS[edit.command] as unknown as Command<unknown>;
