import type { Text } from "./en.ts";

/** Ce que lisent les gens, en français. */
export const fr: Text = {
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
};
