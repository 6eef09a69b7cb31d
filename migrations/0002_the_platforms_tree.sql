-- The platform's own tree: its roles are rows of it, and org 0 stands for the platform itself [R27].
INSERT INTO `trees` (`tree`, `revision`, `epoch`) VALUES (0, 0, 0);
--> statement-breakpoint
INSERT INTO `orgs` (`id`, `tree`, `name`, `isDefault`, `settings`, `createdAt`) VALUES (0, 0, 'Platform', 0, '{}', 0);
