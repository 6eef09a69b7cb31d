import type { Section } from "../kit/settings.tsx";
import { accessSections } from "./access.tsx";
import { collaborationSections } from "./collaborations.tsx";
import { historySections } from "./history.tsx";
import { importSections } from "./import.tsx";
import { issuerSections } from "./issuers.tsx";
import { keySections } from "./keys.tsx";
import { mailSections } from "./mails.tsx";
import { webhookSections } from "./webhooks.tsx";
import { librarySections } from "./libraries.tsx";
import { typeSections } from "./types.tsx";
import { memberSections } from "./members.tsx";
import { orgSections } from "./organisation.tsx";
import { pictureSections } from "./pictures.tsx";
import { receivedSections } from "./received.tsx";
import { resourceSections } from "./resources.tsx";
import { reviewSections } from "./reviews.tsx";
import { shareSections } from "./shares.tsx";
import { sharingSections } from "./sharing.tsx";
import { tagSections } from "./tags.tsx";
import { teamSections } from "./teams.tsx";
import { whySections } from "./why.tsx";
import { ownSections } from "./your-access.tsx";

/** The pages below `/{org}/settings/`, in the order of their menu. */
export const SETTINGS: readonly Section[] = [
  ...ownSections,
  ...memberSections,
  ...teamSections,
  ...resourceSections,
  ...importSections,
  ...accessSections,
  ...tagSections,
  ...sharingSections,
  ...shareSections,
  ...receivedSections,
  ...collaborationSections,
  ...orgSections,
  ...whySections,
  ...reviewSections,
  ...pictureSections,
  ...historySections,
  ...typeSections,
  ...librarySections,
  ...webhookSections,
  ...mailSections,
  ...keySections,
  ...issuerSections,
];
