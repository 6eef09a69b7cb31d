import type { Scenario } from "./format.ts";
import faqAllMembersAndOne from "./faq-all-members-and-one.ts";
import faqChangedTags from "./faq-changed-tags.ts";
import faqOnlyAdminsManage from "./faq-only-admins-manage.ts";
import faqRemovedMember from "./faq-removed-member.ts";
import faqRolesPerSite from "./faq-roles-per-site.ts";
import faqRuleAboveShare from "./faq-rule-above-share.ts";
import faqRulesBeforeAcceptance from "./faq-rules-before-acceptance.ts";
import faqSeveralOrganisations from "./faq-several-organisations.ts";
import faqShareEnded from "./faq-share-ended.ts";
import faqShareWithOrganisation from "./faq-share-with-organisation.ts";
import faqTagsOrList from "./faq-tags-or-list.ts";
import faqWhatRolesDo from "./faq-what-roles-do.ts";
import faqWhyNoAccess from "./faq-why-no-access.ts";
import guide1NewTeamMember from "./guide-1-new-team-member.ts";
import guide2FacilityManager from "./guide-2-facility-manager.ts";
import guide3PeerOrganisations from "./guide-3-peer-organisations.ts";
import guide4TemporaryConsultant from "./guide-4-temporary-consultant.ts";
import guide5PortfolioManager from "./guide-5-portfolio-manager.ts";
import guide6AccessByTags from "./guide-6-access-by-tags.ts";
import projectsRecipients from "./projects-recipients.ts";

/** Every scenario: the six of the guide, then what its questions and answers promise. */
export const SCENARIOS: readonly Scenario[] = [
  guide1NewTeamMember,
  guide2FacilityManager,
  guide3PeerOrganisations,
  guide4TemporaryConsultant,
  guide5PortfolioManager,
  guide6AccessByTags,
  projectsRecipients,
  faqAllMembersAndOne,
  faqChangedTags,
  faqOnlyAdminsManage,
  faqRemovedMember,
  faqRolesPerSite,
  faqRuleAboveShare,
  faqRulesBeforeAcceptance,
  faqSeveralOrganisations,
  faqShareEnded,
  faqShareWithOrganisation,
  faqTagsOrList,
  faqWhatRolesDo,
  faqWhyNoAccess,
];
