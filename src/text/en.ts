import type { EventName, ForMails } from "../events.ts";
import type { RefusalCode } from "../refusals.ts";
import { settings } from "./pages/en.ts";

/** What a mail says; `{field}` stands for what it speaks of. */
export interface MailText {
  readonly subject: string;
  readonly lines: readonly string[];
  readonly button: string;
}

/** What people read, in English. This is the shape of every other language. */
export const en = {
  /** The language's tag (BCP 47), and its own name. */
  language: "en" as string,
  languageName: "English",
  problems: {
    invalid: "The request cannot be done as it is",
    unauthenticated: "Who asks is not known",
    forbidden: "Not allowed",
    strong_authentication_needed: "A passkey is needed",
    not_found: "Not found",
    already_member: "Already a member",
    last_admin: "The last admin stays",
    not_accepted: "Not accepted yet",
    conflict: "In conflict with what there is",
    confirmation_needed: "To be confirmed first",
    stale_revision: "Changed meanwhile",
    too_large: "Too large",
    role_above_share: "More than the share allows",
    recipient_fixed: "The recipient stays",
    limit: "Past a limit",
    rate_limited: "Too many requests",
    overloaded: "Too busy",
    unavailable: "Not available right now",
  } satisfies Record<RefusalCode, string>,
  mails: {
    signIn: {
      subject: "Your link to sign in to Latchkey",
      lines: [
        "Open this link to sign in. It works once, for 15 minutes, in the browser in which you asked for it.",
        "If you did not ask for it, ignore this mail: nobody is signed in by it.",
      ],
      button: "Sign in",
    },
    /** Below the button, and at the end. */
    openAddress: "If the button does not work, open this address:",
    sentTo: "This mail went to {to}.",
    sentAbout: "This mail went to {to} because of what happened in {org} on Latchkey.",
    unsubscribe: "Send me no more of these about {org}",
    /** Who acted, where it was no person. */
    actors: {
      platform: "Latchkey’s support",
      latchkey: "Latchkey",
      key: "An application of {org}",
    },
    everyone: "everyone",
    /** Why a webhook was disabled. */
    because: {
      gone: "It answered 410 Gone, which asks for no more.",
      failing: "For a day it has taken none of what was sent to it.",
    },
    /** What happened, to each who is told: a line is left out where what it speaks of is not there. */
    events: {
      "member.invited": {
        person: {
          subject: "{actor} invites you to {org}",
          lines: [
            "{actor} invites you to join {org}.",
            "Your role there would be: {role}.",
            "It would end on {until}.",
            "Nothing counts until you accept. You can also decline.",
          ],
          button: "Answer the invitation",
        },
      },
      "member.joined": {
        person: {
          subject: "{email} joined {org}",
          lines: ["{email} accepted your invitation to {org}."],
          button: "See the members",
        },
      },
      "member.declined": {
        person: {
          subject: "{email} declined your invitation to {org}",
          lines: ["{email} does not want to join {org}."],
          button: "See the members",
        },
      },
      "member.removed": {
        person: {
          subject: "You are no longer in {org}",
          lines: [
            "{actor} took you out of {org}, or withdrew your invitation. What it gave you has ended.",
          ],
          button: "See your access",
        },
      },
      "grant.added": {
        person: {
          subject: "{actor} gave you access in {org}",
          lines: ["You now have this role in {org}: {role}.", "It ends on {until}."],
          button: "See your access",
        },
      },
      "recipient.added": {
        person: {
          subject: "{actor} shared {name} with you",
          lines: [
            "You now have access to {name} ({type}) in {org}.",
            "Your role: {role}.",
            "It ends on {until}.",
          ],
          button: "See your access",
        },
      },
      "share.offered": {
        person: {
          subject: "{org} shares with you",
          lines: [
            "{actor} gives you access to what belongs to {org}.",
            "Your role would be: {role}.",
            "It would end on {until}.",
            "Nothing counts until you accept. You can also decline.",
          ],
          button: "Answer the offer",
        },
        partner: {
          subject: "{org} shares with {us}",
          lines: [
            "{actor} offers {us} access to what belongs to {org}.",
            "The role: {role}.",
            "It would end on {until}.",
            "It gives nobody anything until an administrator of {us} accepts. Then you decide who uses it.",
          ],
          button: "Answer the offer",
        },
      },
      "share.accepted": {
        person: {
          subject: "{actor} accepted what {org} shares",
          lines: ["{actor} accepted what you offered for {org}."],
          button: "See what is shared",
        },
        partner: {
          subject: "{org} accepted what {us} shares",
          lines: ["{actor} accepted for {org} what {us} shares with it."],
          button: "See what is shared",
        },
      },
      "share.declined": {
        person: {
          subject: "{actor} declined what {org} shares",
          lines: ["{actor} declined what you offered for {org}."],
          button: "See what is shared",
        },
        partner: {
          subject: "{org} declined what {us} shares",
          lines: ["{actor} declined for {org} what {us} shared with it, or gave it back."],
          button: "See what is shared",
        },
      },
      "share.changed": {
        person: {
          subject: "{org} changed what it shares with you",
          lines: ["{actor} changed it.", "The role is now: {role}.", "It ends on {until}."],
          button: "See your access",
        },
        partner: {
          subject: "{org} changed what it shares with {us}",
          lines: [
            "{actor} changed it, with immediate effect.",
            "The role is now: {role}.",
            "It ends on {until}.",
          ],
          button: "See what is shared",
        },
      },
      "share.removed": {
        person: {
          subject: "{org} no longer shares with you",
          lines: ["{actor} ended what {org} shared with you, or withdrew the offer."],
          button: "See your access",
        },
        partner: {
          subject: "{org} ended what it shared with {us}",
          lines: ["{actor} ended it, or withdrew the offer. Your rules on it ended with it."],
          button: "See what is shared",
        },
      },
      "share.left": {
        person: {
          subject: "{actor} gave up what {org} shares",
          lines: ["{actor} gave up what you shared for {org}."],
          button: "See what is shared",
        },
      },
      "share.frozen": {
        partner: {
          subject: "{org} suspended what it shares with {us}",
          lines: ["{actor} suspended it: it gives nothing until it is resumed."],
          button: "See what is shared",
        },
      },
      "share.thawed": {
        partner: {
          subject: "{org} resumed what it shares with {us}",
          lines: ["{actor} resumed it: it gives what it gave before."],
          button: "See what is shared",
        },
      },
      "share.reviewAsked": {
        partner: {
          subject: "{org} asks whether {us} still needs what it shares",
          lines: [
            "{actor} reviews what {org} shares, and asks whether {us} still needs its share.",
            "The role: {role}.",
            "Confirm it, or give it back.",
          ],
          button: "Answer",
        },
      },
      "share.confirmed": {
        partner: {
          subject: "{org} still needs what {us} shares",
          lines: ["{actor} confirmed for {org} that it still needs what {us} shares with it."],
          button: "See the review",
        },
      },
      "review.due": {
        org: {
          subject: "Time to review who outside has access to {org}",
          lines: ["It is time to review who outside {org} has access to what is its own."],
          button: "Start the review",
        },
      },
      "org.frozen": {
        org: {
          subject: "{org} suspended what it shares",
          lines: ["{actor} suspended what {org} shares with: {partner}."],
          button: "See what is shared",
        },
      },
      "org.thawed": {
        org: {
          subject: "{org} resumed what it shares",
          lines: ["{actor} resumed what {org} shares with: {partner}."],
          button: "See what is shared",
        },
      },
      "rule.added": {
        person: {
          subject: "{org} lets you use what is shared with it",
          lines: [
            "{actor} lets you use what {owner} shares with {org}.",
            "Your role: {role}.",
            "It ends on {until}.",
          ],
          button: "See your access",
        },
      },
      "rule.changed": {
        person: {
          subject: "{org} changed your access to what is shared with it",
          lines: ["{actor} changed it.", "Your role is now: {role}.", "It ends on {until}."],
          button: "See your access",
        },
      },
      "rule.removed": {
        person: {
          subject: "{org} ended your access to what is shared with it",
          lines: ["{actor} ended it. What you have otherwise stays as it is."],
          button: "See your access",
        },
      },
      "share.expired": {
        person: {
          subject: "What {org} shared with you has ended",
          lines: ["Your access to what belongs to {org} ended on {until}."],
          button: "See your access",
        },
        partner: {
          subject: "What {org} shares with {us} has ended",
          lines: ["What {org} shared with {us} as {role} ended on {until}."],
          button: "See what is shared",
        },
        org: {
          subject: "What {org} shares with {to} has ended",
          lines: ["What {org} shared with {to} as {role} ended on {until}."],
          button: "See what is shared",
        },
      },
      "share.expiring": {
        person: {
          subject: "What {org} shares with you ends soon",
          lines: ["Your access to what belongs to {org} ends on {until}."],
          button: "See your access",
        },
        partner: {
          subject: "What {org} shares with {us} ends soon",
          lines: [
            "What {org} shares with {us} as {role} ends on {until}.",
            "If you still need it, ask {org}.",
          ],
          button: "See what is shared",
        },
        org: {
          subject: "What {org} shares with {to} ends soon",
          lines: [
            "What {org} shares with {to} as {role} ends on {until}.",
            "If it is still needed, set a later end.",
          ],
          button: "See what is shared",
        },
      },
      "grant.expired": {
        person: {
          subject: "Your access in {org} has ended",
          lines: ["Your role in {org} ({role}) ended on {until}."],
          button: "See your access",
        },
      },
      "grant.expiring": {
        person: {
          subject: "Your access in {org} ends soon",
          lines: ["Your role in {org} ({role}) ends on {until}."],
          button: "See your access",
        },
      },
      "rule.expired": {
        person: {
          subject: "Your access through {org} has ended",
          lines: ["What {org} let you use as {role} ended on {until}."],
          button: "See your access",
        },
      },
      "rule.expiring": {
        person: {
          subject: "Your access through {org} ends soon",
          lines: ["What {org} lets you use as {role} ends on {until}."],
          button: "See your access",
        },
      },
      "webhook.disabled": {
        org: {
          subject: "A webhook of {org} was disabled",
          lines: [
            "Latchkey no longer sends events to {url}.",
            "{because}",
            "Once the receiver works again, enable the webhook and send again what failed. What happened in the meantime stands in the history.",
          ],
          button: "See the webhooks",
        },
      },
      "platformRole.granted": {
        person: {
          subject: "You have a role on Latchkey",
          lines: ["{actor} gave you this role on the platform: {role}."],
          button: "Go to Latchkey",
        },
      },
      "platformRole.removed": {
        person: {
          subject: "Your role on Latchkey has ended",
          lines: ["{actor} took this role on the platform back: {role}."],
          button: "Go to Latchkey",
        },
      },
      "collaboration.asked": {
        partner: {
          subject: "{org} asks {us} to collaborate",
          lines: [
            "{actor} asks for it. Once you accept, both organisations can share with each other.",
          ],
          button: "Answer the request",
        },
      },
      "collaboration.accepted": {
        partner: {
          subject: "{org} collaborates with {us}",
          lines: ["{actor} accepted. Both organisations can now share with each other."],
          button: "See the collaborations",
        },
      },
      "collaboration.declined": {
        partner: {
          subject: "{org} does not want to collaborate with {us}",
          lines: ["{actor} declined the request."],
          button: "See the collaborations",
        },
      },
      "collaboration.ended": {
        partner: {
          subject: "{org} ended the collaboration with {us}",
          lines: ["{actor} ended it. What the two shared with each other has ended with it."],
          button: "See the collaborations",
        },
      },
    } satisfies ForMails<MailText>,
  },
  /** The roles of the built-in sets, and of the platform. */
  roles: {
    viewer: "viewer",
    commenter: "commenter",
    collaborator: "collaborator",
    admin: "administrator",
    "workspace.viewer": "viewer",
    "workspace.editor": "editor",
    "workspace.owner": "owner",
    "project.can_view": "can view",
    "project.can_duplicate": "can duplicate",
    "project.can_edit": "can edit",
    super_admin: "super administrator",
    sys_admin: "system administrator",
    account_manager: "account manager",
  },
  /** Why, and why not. */
  /** What the history says of each event, where that is not the event's own sentence. */
  history: null as Readonly<Record<EventName, string>> | null,
  explain: {
    yes: "{subject} may do “{action}” to {resource}.",
    no: "{subject} may not do “{action}” to {resource}.",
    steps: {
      grant: "{org} gave {to} the role “{role}” for {scope}",
      share: "{org} shared {scope} with {to} as “{role}”",
      rule: "{org} lets {to} use it as “{role}” for {scope}",
      partnerRule: "a rule of {org} lets them use it as “{role}”",
      owner: "they own it, which gives the role “{role}”",
    },
    by: "by {by} on {at}",
    reason: "because “{reason}”",
    until: "until {until}",
    to: {
      members: "all members of {org}",
      admins: "the admins of {org}",
      team: "the team {name}",
      some: "them",
    },
    scopes: { all: "everything", tags: "what is tagged {tags}", some: "a part" },
    who: {
      admins: "An admin of {org} can change that.",
      partner: "An admin of {org} can change that, on their side.",
      person: "Only {email} can do that.",
    },
    lacks: {
      expired: "What {org} gave ended on {until}.",
      scope: "{resource} is not among what {org} gave: {scope}.",
      tag: "{resource} has none of the tags that {org} gave the role for ({scope}).",
      action:
        "The role “{role}” given by {org} does not allow “{action}”; it takes one of: {roles}.",
      condition: "The role “{role}” allows “{action}” under a condition, which is not met.",
      elsewhere: "What they have lies in {org}, and {resource} in another organisation.",
      owner: "They do not own {resource}.",
      invited: "The invitation has not been accepted yet.",
      unaccepted: "The share of {org} has not been accepted yet.",
      offer_ended: "The invitation was open for some time only, and has to be sent again.",
      declined: "The share of {org} was declined; a new one is needed.",
      removed: "The share of {org} was removed; a new one is needed.",
      frozen: "{org} has suspended this share.",
      ended: "The collaboration that carried this share has ended.",
      unruled: "The share of {org} was accepted, and no rule lets {subject} use it.",
      unnamed: "The rule of {org} names others, and not {subject}.",
      nothing: "Nothing gives {subject} any access to it.",
      unknown_person: "Nobody is known here as {subject}.",
      unknown_resource: "There is no {resource} here that {subject} could reach.",
      unknown_action: "No role of this type allows “{action}”.",
      org_deleted: "The organisation in which {resource} was has been deleted.",
    },
  },
  addressMails: {
    "address.old": {
      subject: "Your Latchkey address is to change",
      lines: [
        "Somebody signed in as you wants your account to have the address {to} in place of {from}. If that is you, open this link to agree. It works for a day.",
        "If it is not you, do not open it: nothing changes. Then look at where you are signed in, and end what you do not know.",
      ],
    },
    "address.new": {
      subject: "Agree to use this address for Latchkey",
      lines: [
        "The account of {from} is to have the address {to}. If it is yours, open this link to agree. It works for a day.",
        "If it is not yours, ignore this mail: nothing changes.",
      ],
    },
    "address.taken": {
      subject: "This address already has a Latchkey account",
      lines: [
        "Somebody wanted to use this address for their account. It has an account already, so nothing changes. If it was you, sign in with this address.",
      ],
    },
    "address.made": {
      subject: "Your Latchkey address has changed",
      lines: [
        "Your account now has the address {to}. This one no longer signs you in. You were signed out elsewhere.",
      ],
    },
  } as Record<string, { subject: string; lines: string[] }>,
  settings,
  pages: {
    openLink: {
      title: "A link to a resource",
      ask: "Somebody shares a resource of your organisation by this link. Open it to have access as you.",
      open: "Open it",
      opened: "The link is open",
      now: "You have access to",
    },
    unsubscribe: {
      title: "Mails about an organisation",
      ask: "You get mails that only inform you about what happens in this organisation. Invitations, and what ends your access, are always sent.",
      stop: "Send me no more of them",
      stopped: "You get no more of them.",
      resume: "Send them again",
      resumed: "You get them again.",
    },
    changeAddress: "Change your address",
    newAddress: "New e-mail address",
    addressHow: "Both addresses get a mail, and both must agree.",
    addressSent: "Two mails are on their way. Open the link in each of them within a day.",
    agree: "Agree",
    agreeAs: "You agree as the owner of",
    addressMade: "Your account has the new address.",
    addressWaits: "Agreed. Now open the link in the mail to the other address.",
    addressTaken: "The new address has an account of its own by now. Nothing changes.",
    passkeys: "Passkeys",
    passkeysHow:
      "A passkey signs you in with your device. Some organisations ask their admins for one.",
    passkeyName: "Name of the passkey",
    addPasskey: "Add a passkey",
    showPasskey: "Show a passkey",
    strong: "with passkey",
    remove: "Remove",
    passkeyFailed: "That did not work. Please try again.",
    skip: "Skip to the content",
    signIn: "Sign in",
    signOut: "Sign out",
    signedInAs: "Signed in as",
    email: "E-mail address",
    mailLink: "Send me a link",
    signInHow: "You get a mail with a link that signs you in. There is no password.",
    usePasskey: "Use a passkey",
    notAnAddress: "This is no e-mail address.",
    lookIntoMail: "Look into your mail",
    mailSent:
      "If the address can receive mail, a link is on its way to it. Open it within 15 minutes, in this browser.",
    confirmSignIn: "Sign in as",
    confirmInvitation:
      "You were invited. Go on to see what you were given; you can accept or decline it there.",
    goOn: "Go on",
    linkUsed: "This link was used already. Ask for a new one.",
    linkExpired: "This link is no longer valid. Ask for a new one.",
    linkElsewhere: "Open this link in the browser in which you asked for it, or ask for a new one.",
    newLink: "Ask for a new link",
    yourAccess: "Your access",
    noAccess: "You have no access to anything yet.",
    organisation: "Organisation",
    role: "Role",
    scope: "What",
    everything: "everything",
    tagged: "tagged",
    state: "State",
    until: "Until",
    noEnd: "no end",
    actions: "Actions",
    accept: "Accept",
    decline: "Decline",
    leave: "Leave",
    by: "by",
    states: {
      pending: "waits for your answer",
      active: "active",
      declined: "declined",
      expired: "expired",
    } as Record<string, string>,
    yourAccount: "Your account",
    sessions: "Where you are signed in",
    thisSession: "this browser",
    lastSeen: "Last seen",
    unknownBrowser: "unknown browser",
    end: "End",
    endAll: "Sign out everywhere",
    languageLabel: "Language",
    save: "Save",
    notFound: "There is no such page.",
  },
};

export type Text = typeof en;
