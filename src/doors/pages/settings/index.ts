import type { Section } from "../kit/settings.tsx";
import { historySections } from "./history.tsx";
import { memberSections } from "./members.tsx";
import { pictureSections } from "./pictures.tsx";
import { orgSections } from "./organisation.tsx";
import { receivedSections } from "./received.tsx";
import { reviewSections } from "./reviews.tsx";
import { accessSections } from "./access.tsx";
import { collaborationSections } from "./collaborations.tsx";
import { importSections } from "./import.tsx";
import { resourceSections } from "./resources.tsx";
import { tagSections } from "./tags.tsx";
import { shareSections } from "./shares.tsx";
import { teamSections } from "./teams.tsx";
import { whySections } from "./why.tsx";
import { sharingSections } from "./sharing.tsx";
import { ownSections } from "./your-access.tsx";

/** The pages below `/{org}/settings/`, in the order of their menu. */
export const SETTINGS: readonly Section[] = [
  ...ownSections,
  ...memberSections,
  ...teamSections,
  ...shareSections,
  ...receivedSections,
  ...whySections,
  ...reviewSections,
  ...pictureSections,
  ...sharingSections,
  ...historySections,
  ...collaborationSections,
  ...importSections,
  ...resourceSections,
  ...accessSections,
  ...tagSections,
  ...orgSections,
];
