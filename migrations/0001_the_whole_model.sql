CREATE TABLE `collaborations` (
	`tree` integer NOT NULL,
	`id` text NOT NULL,
	`org` integer NOT NULL,
	`withOrg` integer NOT NULL,
	`withTree` integer NOT NULL,
	`status` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tree`, `id`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `collaborations_id` ON `collaborations` (`id`);--> statement-breakpoint
CREATE INDEX `collaborations_org` ON `collaborations` (`org`,`withOrg`);--> statement-breakpoint
CREATE INDEX `collaborations_with` ON `collaborations` (`withOrg`);--> statement-breakpoint
CREATE TABLE `freezes` (
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`partner` integer NOT NULL,
	`reason` text,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tree`, `org`, `partner`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `freezes_org` ON `freezes` (`org`);--> statement-breakpoint
CREATE TABLE `libraries` (
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`name` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`tree`, `org`, `name`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `libraries_org` ON `libraries` (`org`);--> statement-breakpoint
CREATE TABLE `links` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`key` integer NOT NULL,
	`hash` text NOT NULL,
	`expiresAt` integer,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`tree`,`key`) REFERENCES `resources`(`tree`,`key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `links_tree` ON `links` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `links_key` ON `links` (`tree`,`key`);--> statement-breakpoint
CREATE INDEX `links_org` ON `links` (`org`);--> statement-breakpoint
CREATE TABLE `platformRoles` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer,
	`user` text NOT NULL,
	`email` text NOT NULL,
	`role` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `platformRoles_tree` ON `platformRoles` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `platformRoles_org` ON `platformRoles` (`org`);--> statement-breakpoint
CREATE INDEX `platformRoles_user` ON `platformRoles` (`user`);--> statement-breakpoint
ALTER TABLE `grants` ADD `via` text;--> statement-breakpoint
CREATE INDEX `grants_via` ON `grants` (`via`);--> statement-breakpoint
ALTER TABLE `orgs` ADD `deletedAt` integer;--> statement-breakpoint
ALTER TABLE `receipts` ADD `collaboration` text;--> statement-breakpoint
ALTER TABLE `shares` ADD `collaboration` text;--> statement-breakpoint
CREATE INDEX `shares_collaboration` ON `shares` (`collaboration`);