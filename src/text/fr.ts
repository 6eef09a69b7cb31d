import type { Text } from "./en.ts";
import { history } from "./history.fr.ts";
import { settings } from "./pages/fr.ts";

/** Un signe précédé d’une espace ne commence pas une ligne. */
const unbroken = <T>(texts: T): T =>
  JSON.parse(JSON.stringify(texts).replace(/ (?=[?!:;])/g, "\u00a0")) as T;

/** Ce que lisent les gens, en français. */
export const fr: Text = {
  language: "fr",
  languageName: "Français",
  problems: {
    invalid: "La demande ne peut pas être traitée telle quelle",
    unauthenticated: "Demandeur inconnu",
    forbidden: "Action non autorisée",
    strong_authentication_needed: "Clé d’accès nécessaire",
    not_found: "Introuvable",
    already_member: "Déjà membre",
    last_admin: "Il faut garder un administrateur",
    not_accepted: "Pas encore accepté",
    conflict: "En conflit avec l’existant",
    confirmation_needed: "À confirmer d’abord",
    stale_revision: "Modifié entre-temps",
    too_large: "Trop volumineux",
    role_above_share: "Au-delà de ce que permet le partage",
    recipient_fixed: "Le destinataire ne change pas",
    limit: "Limite dépassée",
    rate_limited: "Trop de demandes",
    overloaded: "Service surchargé",
    unavailable: "Indisponible pour le moment",
  },
  mails: {
    signIn: {
      subject: "Votre lien de connexion à Latchkey",
      lines: [
        "Ouvrez ce lien pour vous connecter. Il sert une seule fois, pendant 15 minutes, dans le navigateur où vous l’avez demandé.",
        "Si vous n’avez rien demandé, ignorez ce message : il ne connecte personne.",
      ],
      button: "Se connecter",
    },
    openAddress: "Si le bouton ne fonctionne pas, ouvrez cette adresse :",
    sentTo: "Ce message a été envoyé à {to}.",
    sentAbout: "Ce message a été envoyé à {to} en raison d’un événement dans {org} sur Latchkey.",
    unsubscribe: "Ne plus recevoir ces messages au sujet de {org}",
    actors: {
      platform: "L’assistance de Latchkey",
      latchkey: "Latchkey",
      key: "Une application de {org}",
    },
    everyone: "tout le monde",
    because: {
      gone: "Le destinataire a répondu 410, ce qui demande de ne plus rien envoyer.",
      failing: "Depuis une journée, le destinataire n’a rien accepté de ce qui lui a été envoyé.",
    },
    events: {
      "member.invited": {
        person: {
          subject: "{actor} vous invite dans {org}",
          lines: [
            "{actor} vous invite à rejoindre {org}.",
            "Votre rôle serait : {role}.",
            "Il prendrait fin le {until}.",
            "Rien n’est effectif tant que vous n’avez pas accepté. Vous pouvez aussi refuser.",
          ],
          button: "Répondre à l’invitation",
        },
      },
      "member.joined": {
        person: {
          subject: "{email} a rejoint {org}",
          lines: ["{email} a accepté votre invitation dans {org}."],
          button: "Voir les membres",
        },
      },
      "member.declined": {
        person: {
          subject: "{email} a refusé votre invitation dans {org}",
          lines: ["{email} ne souhaite pas rejoindre {org}."],
          button: "Voir les membres",
        },
      },
      "member.removed": {
        person: {
          subject: "Vous ne faites plus partie de {org}",
          lines: [
            "{actor} vous a retiré de {org}, ou a annulé votre invitation. Les accès correspondants ont pris fin.",
          ],
          button: "Voir vos accès",
        },
      },
      "grant.added": {
        person: {
          subject: "{actor} vous a donné un accès dans {org}",
          lines: ["Vous avez désormais ce rôle dans {org} : {role}.", "Il prend fin le {until}."],
          button: "Voir vos accès",
        },
      },
      "recipient.added": {
        person: {
          subject: "{actor} a partagé {name} avec vous",
          lines: [
            "Vous avez désormais accès à {name} ({type}) dans {org}.",
            "Votre rôle : {role}.",
            "Il prend fin le {until}.",
          ],
          button: "Voir vos accès",
        },
      },
      "share.offered": {
        person: {
          subject: "{org} partage avec vous",
          lines: [
            "{actor} vous propose un accès à ce qui appartient à {org}.",
            "Votre rôle serait : {role}.",
            "Il prendrait fin le {until}.",
            "Rien n’est effectif tant que vous n’avez pas accepté. Vous pouvez aussi refuser.",
          ],
          button: "Répondre à la proposition",
        },
        partner: {
          subject: "{org} partage avec {us}",
          lines: [
            "{actor} propose à {us} un accès à ce qui appartient à {org}.",
            "Le rôle : {role}.",
            "Il prendrait fin le {until}.",
            "Personne n’y a accès tant qu’un administrateur de {us} n’a pas accepté. Vous décidez ensuite qui l’utilise.",
          ],
          button: "Répondre à la proposition",
        },
      },
      "share.accepted": {
        person: {
          subject: "{actor} a accepté le partage de {org}",
          lines: ["{actor} a accepté ce que vous avez proposé pour {org}."],
          button: "Voir les partages",
        },
        partner: {
          subject: "{org} a accepté le partage de {us}",
          lines: ["{actor} a accepté, pour {org}, ce que {us} partage avec elle."],
          button: "Voir les partages",
        },
      },
      "share.declined": {
        person: {
          subject: "{actor} a refusé le partage de {org}",
          lines: ["{actor} a refusé ce que vous avez proposé pour {org}."],
          button: "Voir les partages",
        },
        partner: {
          subject: "{org} a refusé le partage de {us}",
          lines: ["{actor} a refusé ou rendu, pour {org}, ce que {us} partageait avec elle."],
          button: "Voir les partages",
        },
      },
      "share.changed": {
        person: {
          subject: "{org} a modifié son partage avec vous",
          lines: [
            "{actor} l’a modifié.",
            "Le rôle est désormais : {role}.",
            "Il prend fin le {until}.",
          ],
          button: "Voir vos accès",
        },
        partner: {
          subject: "{org} a modifié son partage avec {us}",
          lines: [
            "{actor} l’a modifié, avec effet immédiat.",
            "Le rôle est désormais : {role}.",
            "Il prend fin le {until}.",
          ],
          button: "Voir les partages",
        },
      },
      "share.removed": {
        person: {
          subject: "{org} ne partage plus avec vous",
          lines: ["{actor} a mis fin au partage de {org} avec vous, ou a retiré la proposition."],
          button: "Voir vos accès",
        },
        partner: {
          subject: "{org} a mis fin à son partage avec {us}",
          lines: [
            "{actor} y a mis fin, ou a retiré la proposition. Vos règles sur ce partage ont pris fin avec lui.",
          ],
          button: "Voir les partages",
        },
      },
      "share.left": {
        person: {
          subject: "{actor} a renoncé au partage de {org}",
          lines: ["{actor} a renoncé à ce que vous partagiez pour {org}."],
          button: "Voir les partages",
        },
      },
      "share.frozen": {
        partner: {
          subject: "{org} a suspendu son partage avec {us}",
          lines: ["{actor} l’a suspendu : il ne donne rien tant qu’il n’est pas rétabli."],
          button: "Voir les partages",
        },
      },
      "share.thawed": {
        partner: {
          subject: "{org} a rétabli son partage avec {us}",
          lines: ["{actor} l’a rétabli : il donne de nouveau ce qu’il donnait."],
          button: "Voir les partages",
        },
      },
      "share.reviewAsked": {
        partner: {
          subject: "{org} demande si {us} a encore besoin de son partage",
          lines: [
            "{actor} revoit ce que {org} partage et demande si {us} a encore besoin de ce partage.",
            "Le rôle : {role}.",
            "Confirmez-le, ou rendez-le.",
          ],
          button: "Répondre",
        },
      },
      "share.confirmed": {
        partner: {
          subject: "{org} a encore besoin du partage de {us}",
          lines: ["{actor} a confirmé pour {org} le besoin de ce que {us} partage."],
          button: "Voir la revue",
        },
      },
      "review.due": {
        org: {
          subject: "Il est temps de revoir les accès extérieurs à {org}",
          lines: [
            "Il est temps de revoir qui, en dehors de {org}, a accès à ce qui lui appartient.",
          ],
          button: "Commencer la revue",
        },
      },
      "org.frozen": {
        org: {
          subject: "{org} a suspendu ses partages",
          lines: ["{actor} a suspendu ce que {org} partage avec : {partner}."],
          button: "Voir les partages",
        },
      },
      "org.thawed": {
        org: {
          subject: "{org} a rétabli ses partages",
          lines: ["{actor} a rétabli ce que {org} partage avec : {partner}."],
          button: "Voir les partages",
        },
      },
      "rule.added": {
        person: {
          subject: "{org} vous ouvre ce qui est partagé avec elle",
          lines: [
            "{actor} vous permet d’utiliser ce que {owner} partage avec {org}.",
            "Votre rôle : {role}.",
            "Il prend fin le {until}.",
          ],
          button: "Voir vos accès",
        },
      },
      "rule.changed": {
        person: {
          subject: "{org} a modifié votre accès à ce qui est partagé avec elle",
          lines: [
            "{actor} l’a modifié.",
            "Votre rôle est désormais : {role}.",
            "Il prend fin le {until}.",
          ],
          button: "Voir vos accès",
        },
      },
      "rule.removed": {
        person: {
          subject: "{org} a mis fin à votre accès à ce qui est partagé avec elle",
          lines: ["{actor} y a mis fin. Vos autres accès restent inchangés."],
          button: "Voir vos accès",
        },
      },
      "share.expired": {
        person: {
          subject: "Ce que {org} partageait avec vous a pris fin",
          lines: ["Votre accès à ce qui appartient à {org} a pris fin le {until}."],
          button: "Voir vos accès",
        },
        partner: {
          subject: "Ce que {org} partage avec {us} a pris fin",
          lines: ["Ce que {org} partageait avec {us} (rôle : {role}) a pris fin le {until}."],
          button: "Voir ce qui est partagé",
        },
        org: {
          subject: "Ce que {org} partage avec {to} a pris fin",
          lines: ["Ce que {org} partageait avec {to} (rôle : {role}) a pris fin le {until}."],
          button: "Voir ce qui est partagé",
        },
      },
      "share.expiring": {
        person: {
          subject: "Ce que {org} partage avec vous prend bientôt fin",
          lines: ["Votre accès à ce qui appartient à {org} prend fin le {until}."],
          button: "Voir vos accès",
        },
        partner: {
          subject: "Ce que {org} partage avec {us} prend bientôt fin",
          lines: [
            "Ce que {org} partage avec {us} (rôle : {role}) prend fin le {until}.",
            "Si vous en avez encore besoin, demandez à {org}.",
          ],
          button: "Voir ce qui est partagé",
        },
        org: {
          subject: "Ce que {org} partage avec {to} prend bientôt fin",
          lines: [
            "Ce que {org} partage avec {to} (rôle : {role}) prend fin le {until}.",
            "Si ce partage est encore utile, fixez une fin plus tardive.",
          ],
          button: "Voir ce qui est partagé",
        },
      },
      "grant.expired": {
        person: {
          subject: "Votre accès dans {org} a pris fin",
          lines: ["Votre rôle dans {org} ({role}) a pris fin le {until}."],
          button: "Voir vos accès",
        },
      },
      "grant.expiring": {
        person: {
          subject: "Votre accès dans {org} prend bientôt fin",
          lines: ["Votre rôle dans {org} ({role}) prend fin le {until}."],
          button: "Voir vos accès",
        },
      },
      "rule.expired": {
        person: {
          subject: "Votre accès par {org} a pris fin",
          lines: ["Ce que {org} vous laissait utiliser (rôle : {role}) a pris fin le {until}."],
          button: "Voir vos accès",
        },
      },
      "rule.expiring": {
        person: {
          subject: "Votre accès par {org} prend bientôt fin",
          lines: ["Ce que {org} vous laisse utiliser (rôle : {role}) prend fin le {until}."],
          button: "Voir vos accès",
        },
      },
      "webhook.disabled": {
        org: {
          subject: "Un webhook de {org} a été désactivé",
          lines: [
            "Latchkey n’envoie plus d’événements à {url}.",
            "{because}",
            "Quand le destinataire fonctionnera de nouveau, réactivez le webhook et renvoyez ce qui a échoué. Ce qui s’est passé entre-temps figure dans l’historique.",
          ],
          button: "Voir les webhooks",
        },
      },
      "platformRole.granted": {
        person: {
          subject: "Vous avez un rôle sur Latchkey",
          lines: ["{actor} vous a donné ce rôle sur la plateforme : {role}."],
          button: "Aller sur Latchkey",
        },
      },
      "platformRole.removed": {
        person: {
          subject: "Votre rôle sur Latchkey a pris fin",
          lines: ["{actor} vous a retiré ce rôle sur la plateforme : {role}."],
          button: "Aller sur Latchkey",
        },
      },
      "collaboration.asked": {
        partner: {
          subject: "{org} propose à {us} de collaborer",
          lines: [
            "{actor} le propose. Dès que vous acceptez, les deux organisations peuvent partager entre elles.",
          ],
          button: "Répondre à la demande",
        },
      },
      "collaboration.accepted": {
        partner: {
          subject: "{org} collabore avec {us}",
          lines: [
            "{actor} a accepté. Les deux organisations peuvent désormais partager entre elles.",
          ],
          button: "Voir les collaborations",
        },
      },
      "collaboration.declined": {
        partner: {
          subject: "{org} ne souhaite pas collaborer avec {us}",
          lines: ["{actor} a refusé la demande."],
          button: "Voir les collaborations",
        },
      },
      "collaboration.ended": {
        partner: {
          subject: "{org} a mis fin à la collaboration avec {us}",
          lines: [
            "{actor} y a mis fin. Ce que les deux partageaient entre elles a pris fin avec elle.",
          ],
          button: "Voir les collaborations",
        },
      },
    },
  },
  roles: {
    viewer: "lecteur",
    commenter: "commentateur",
    collaborator: "collaborateur",
    admin: "administrateur",
    "workspace.viewer": "lecteur",
    "workspace.editor": "éditeur",
    "workspace.owner": "propriétaire",
    "project.can_view": "peut voir",
    "project.can_duplicate": "peut dupliquer",
    "project.can_edit": "peut modifier",
    super_admin: "super-administrateur",
    sys_admin: "administrateur système",
    account_manager: "gestionnaire de compte",
  },
  history,
  explain: {
    yes: "{subject} peut faire « {action} » sur {resource}.",
    no: "{subject} ne peut pas faire « {action} » sur {resource}.",
    steps: {
      grant: "{org} a donné à {to} le rôle « {role} » pour {scope}",
      share: "{org} a partagé {scope} avec {to} en tant que « {role} »",
      rule: "{org} laisse {to} s’en servir en tant que « {role} » pour {scope}",
      partnerRule: "une règle de {org} permet de s’en servir en tant que « {role} »",
      owner: "la personne en est propriétaire, ce qui donne le rôle « {role} »",
    },
    by: "par {by} le {at}",
    reason: "parce que « {reason} »",
    until: "jusqu’au {until}",
    to: {
      members: "tous les membres de {org}",
      admins: "les administrateurs de {org}",
      team: "l’équipe {name}",
      some: "cette personne",
    },
    scopes: { all: "tout", tags: "ce qui porte l’étiquette {tags}", some: "une partie" },
    who: {
      admins: "Un administrateur de {org} peut y remédier.",
      partner: "Un administrateur de {org} peut y remédier, de son côté.",
      person: "Seul {email} peut le faire.",
    },
    lacks: {
      expired: "Ce que {org} avait donné a pris fin le {until}.",
      scope: "{resource} ne fait pas partie de ce que {org} a donné : {scope}.",
      tag: "{resource} ne porte aucune des étiquettes pour lesquelles {org} a donné le rôle ({scope}).",
      action:
        "Le rôle « {role} » donné par {org} ne permet pas « {action} » ; il faut l’un de ceux-ci : {roles}.",
      condition:
        "Le rôle « {role} » permet « {action} » sous une condition, qui n’est pas remplie.",
      elsewhere:
        "L’accès est donné dans {org}, et {resource} se trouve dans une autre organisation.",
      owner: "La personne n’est pas propriétaire de {resource}.",
      invited: "L’invitation n’a pas encore été acceptée.",
      unaccepted: "Le partage de {org} n’a pas encore été accepté.",
      offer_ended:
        "L’invitation n’était ouverte que pour un temps, et doit être envoyée de nouveau.",
      declined: "Le partage de {org} a été refusé ; il en faut un nouveau.",
      removed: "Le partage de {org} a été retiré ; il en faut un nouveau.",
      frozen: "{org} a suspendu ce partage.",
      ended: "La collaboration qui portait ce partage a pris fin.",
      unruled:
        "Le partage de {org} est accepté, mais aucune règle ne permet à {subject} de s’en servir.",
      unnamed: "La règle de {org} désigne d’autres personnes que {subject}.",
      nothing: "Rien n’y donne accès à {subject}.",
      unknown_person: "Personne n’est connu ici sous le nom de {subject}.",
      unknown_resource: "Il n’y a pas ici de {resource} que {subject} puisse atteindre.",
      unknown_action: "Aucun rôle de ce type ne permet « {action} ».",
      org_deleted: "L’organisation où se trouvait {resource} a été supprimée.",
    },
  },
  addressMails: {
    "address.old": {
      subject: "Votre adresse Latchkey va changer",
      lines: [
        "Une personne connectée à votre compte veut remplacer l’adresse {from} par {to}. Si c’est vous, ouvrez ce lien pour donner votre accord. Il est valable un jour.",
        "Si ce n’est pas vous, ne l’ouvrez pas : rien ne change. Vérifiez alors où vous êtes connecté et terminez ce que vous ne reconnaissez pas.",
      ],
    },
    "address.new": {
      subject: "Accepter cette adresse pour Latchkey",
      lines: [
        "Le compte de {from} doit recevoir l’adresse {to}. S’il est à vous, ouvrez ce lien pour donner votre accord. Il est valable un jour.",
        "Sinon, ignorez ce message : rien ne change.",
      ],
    },
    "address.taken": {
      subject: "Cette adresse a déjà un compte Latchkey",
      lines: [
        "Une personne a voulu utiliser cette adresse pour son compte. Elle en a déjà un, donc rien ne change. Si c’était vous, connectez-vous avec cette adresse.",
      ],
    },
    "address.made": {
      subject: "Votre adresse Latchkey a changé",
      lines: [
        "Votre compte a maintenant l’adresse {to}. Celle-ci ne vous connecte plus. Vous avez été déconnecté ailleurs.",
      ],
    },
  },
  settings: unbroken(settings),
  pages: {
    openLink: {
      title: "Un lien vers une ressource",
      ask: "Quelqu’un partage une ressource de votre organisation par ce lien. Ouvrez-le pour y avoir accès en votre nom.",
      open: "Ouvrir",
      opened: "Le lien est ouvert",
      now: "Vous avez accès à",
    },
    unsubscribe: {
      title: "Messages au sujet d’une organisation",
      ask: "Vous recevez des messages d’information sur ce qui se passe dans cette organisation. Les invitations et la fin de vos accès vous sont toujours annoncées.",
      stop: "Ne plus les recevoir",
      stopped: "Vous ne les recevrez plus.",
      resume: "Les recevoir de nouveau",
      resumed: "Vous les recevrez de nouveau.",
    },
    changeAddress: "Changer d’adresse",
    newAddress: "Nouvelle adresse e-mail",
    addressHow: "Les deux adresses reçoivent un message, et les deux doivent donner leur accord.",
    addressSent: "Deux messages sont envoyés. Ouvrez le lien de chacun dans la journée.",
    agree: "Donner mon accord",
    agreeAs: "Vous donnez votre accord en tant que titulaire de",
    addressMade: "Votre compte a la nouvelle adresse.",
    addressWaits: "C’est noté. Ouvrez maintenant le lien envoyé à l’autre adresse.",
    addressTaken: "La nouvelle adresse a désormais son propre compte. Rien ne change.",
    passkeys: "Clés d’accès",
    passkeysHow:
      "Une clé d’accès vous connecte avec votre appareil. Certaines organisations en exigent une de leurs administrateurs.",
    passkeyName: "Nom de la clé d’accès",
    addPasskey: "Ajouter une clé d’accès",
    showPasskey: "Présenter une clé d’accès",
    strong: "avec clé d’accès",
    remove: "Supprimer",
    passkeyFailed: "Cela n’a pas fonctionné. Veuillez réessayer.",
    skip: "Aller au contenu",
    signIn: "Se connecter",
    signOut: "Se déconnecter",
    signedInAs: "Connecté en tant que",
    email: "Adresse e-mail",
    mailLink: "Recevoir un lien",
    signInHow: "Vous recevez par e-mail un lien qui vous connecte. Il n’y a pas de mot de passe.",
    usePasskey: "Utiliser une clé d’accès",
    notAnAddress: "Ce n’est pas une adresse e-mail.",
    lookIntoMail: "Consultez votre messagerie",
    mailSent:
      "Si l’adresse peut recevoir du courrier, un lien lui est envoyé. Ouvrez-le dans les 15 minutes, dans ce navigateur.",
    confirmSignIn: "Se connecter en tant que",
    confirmInvitation:
      "Vous avez reçu une invitation. Continuez pour voir ce qui vous est proposé ; vous pourrez l’accepter ou le refuser.",
    goOn: "Continuer",
    linkUsed: "Ce lien a déjà servi. Demandez-en un nouveau.",
    linkExpired: "Ce lien n’est plus valable. Demandez-en un nouveau.",
    linkElsewhere:
      "Ouvrez ce lien dans le navigateur où vous l’avez demandé, ou demandez-en un nouveau.",
    newLink: "Demander un nouveau lien",
    yourAccess: "Vos accès",
    noAccess: "Vous n’avez encore accès à rien.",
    organisation: "Organisation",
    role: "Rôle",
    scope: "Périmètre",
    everything: "tout",
    tagged: "étiquettes",
    state: "État",
    until: "Jusqu’au",
    noEnd: "sans fin",
    actions: "Actions",
    accept: "Accepter",
    decline: "Refuser",
    leave: "Quitter",
    by: "par",
    states: {
      pending: "attend votre réponse",
      active: "actif",
      declined: "refusé",
      expired: "expiré",
    },
    yourAccount: "Votre compte",
    sessions: "Où vous êtes connecté",
    thisSession: "ce navigateur",
    lastSeen: "Dernière activité",
    unknownBrowser: "navigateur inconnu",
    end: "Terminer",
    endAll: "Se déconnecter partout",
    languageLabel: "Langue",
    save: "Enregistrer",
    notFound: "Cette page n’existe pas.",
  },
};
