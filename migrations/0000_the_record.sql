CREATE TABLE `apiKeys` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`name` text NOT NULL,
	`holds` text NOT NULL,
	`hash` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `apiKeys_tree` ON `apiKeys` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `apiKeys_org` ON `apiKeys` (`org`);--> statement-breakpoint
CREATE TABLE `changeRows` (
	`tree` integer NOT NULL,
	`revision` integer NOT NULL,
	`part` integer NOT NULL,
	`rows` text NOT NULL,
	PRIMARY KEY(`tree`, `revision`, `part`),
	FOREIGN KEY (`tree`,`revision`) REFERENCES `changes`(`tree`,`revision`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `changes` (
	`tree` integer NOT NULL,
	`revision` integer NOT NULL,
	`attempt` text NOT NULL,
	`org` integer NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`what` text NOT NULL,
	`events` text NOT NULL,
	`reason` text,
	PRIMARY KEY(`tree`, `revision`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `grants` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`toKind` text NOT NULL,
	`toId` text,
	`role` text NOT NULL,
	`scope` text NOT NULL,
	`expiresAt` integer,
	`reason` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `grants_tree` ON `grants` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `grants_to` ON `grants` (`toKind`,`toId`);--> statement-breakpoint
CREATE INDEX `grants_org` ON `grants` (`org`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`tree` integer NOT NULL,
	`actor` text NOT NULL,
	`key` text NOT NULL,
	`request` text NOT NULL,
	`answer` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tree`, `actor`, `key`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `idempotency_at` ON `idempotency` (`at`);--> statement-breakpoint
CREATE TABLE `members` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`user` text NOT NULL,
	`status` text NOT NULL,
	`name` text NOT NULL,
	`externalId` text,
	`properties` text,
	`invitedBy` text NOT NULL,
	`invitedAt` integer NOT NULL,
	`sentAt` integer NOT NULL,
	`acceptedAt` integer,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `members_org_user` ON `members` (`org`,`user`);--> statement-breakpoint
CREATE UNIQUE INDEX `members_external` ON `members` (`org`,`externalId`);--> statement-breakpoint
CREATE INDEX `members_tree` ON `members` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `members_user` ON `members` (`user`);--> statement-breakpoint
CREATE INDEX `members_tree_external` ON `members` (`tree`,`externalId`);--> statement-breakpoint
CREATE TABLE `orgNumbers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tree` integer,
	`request` text,
	`createdAt` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `orgNumbers_request` ON `orgNumbers` (`request`);--> statement-breakpoint
CREATE TABLE `orgs` (
	`id` integer PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`parent` integer,
	`name` text NOT NULL,
	`description` text,
	`color` text,
	`isDefault` integer NOT NULL,
	`settings` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`parent`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `orgs_tree` ON `orgs` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `orgs_parent` ON `orgs` (`parent`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`revision` integer NOT NULL,
	`event` text NOT NULL,
	`toOrg` integer,
	`toUser` text,
	`body` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `outbox_tree` ON `outbox` (`tree`,`revision`);--> statement-breakpoint
CREATE TABLE `people` (
	`tree` integer NOT NULL,
	`user` text NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	PRIMARY KEY(`tree`, `user`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `people_email` ON `people` (`tree`,`email`);--> statement-breakpoint
CREATE INDEX `people_user` ON `people` (`user`);--> statement-breakpoint
CREATE TABLE `receipts` (
	`tree` integer NOT NULL,
	`share` text PRIMARY KEY NOT NULL,
	`org` integer NOT NULL,
	`ownerTree` integer NOT NULL,
	`ownerOrg` integer NOT NULL,
	`status` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `receipts_tree` ON `receipts` (`tree`,`share`);--> statement-breakpoint
CREATE INDEX `receipts_org` ON `receipts` (`org`);--> statement-breakpoint
CREATE TABLE `resources` (
	`tree` integer NOT NULL,
	`key` integer NOT NULL,
	`org` integer NOT NULL,
	`type` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`tags` text NOT NULL,
	`tagKeys` text NOT NULL,
	`owner` text,
	`properties` text,
	`createdAt` integer NOT NULL,
	PRIMARY KEY(`tree`, `key`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`owner`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `resources_ref` ON `resources` (`tree`,`type`,`id`);--> statement-breakpoint
CREATE INDEX `resources_org` ON `resources` (`org`,`type`);--> statement-breakpoint
CREATE TABLE `roleSets` (
	`tree` integer NOT NULL,
	`name` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`tree`, `name`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `rules` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`share` text NOT NULL,
	`toKind` text NOT NULL,
	`toId` text,
	`role` text NOT NULL,
	`scope` text NOT NULL,
	`expiresAt` integer,
	`reason` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`share`) REFERENCES `receipts`(`share`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `rules_tree` ON `rules` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `rules_share` ON `rules` (`share`);--> statement-breakpoint
CREATE INDEX `rules_to` ON `rules` (`toKind`,`toId`);--> statement-breakpoint
CREATE TABLE `shares` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`toUser` text,
	`toOrg` integer,
	`toTree` integer,
	`toName` text,
	`status` text NOT NULL,
	`sentAt` integer NOT NULL,
	`acceptedAt` integer,
	`role` text NOT NULL,
	`scope` text NOT NULL,
	`expiresAt` integer,
	`reason` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`toUser`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `shares_tree` ON `shares` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `shares_org` ON `shares` (`org`);--> statement-breakpoint
CREATE INDEX `shares_user` ON `shares` (`toUser`);--> statement-breakpoint
CREATE INDEX `shares_to_org` ON `shares` (`toOrg`);--> statement-breakpoint
CREATE TABLE `teamMembers` (
	`tree` integer NOT NULL,
	`team` text NOT NULL,
	`member` text NOT NULL,
	PRIMARY KEY(`team`, `member`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`team`) REFERENCES `teams`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`member`) REFERENCES `members`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `teamMembers_member` ON `teamMembers` (`member`);--> statement-breakpoint
CREATE INDEX `teamMembers_tree` ON `teamMembers` (`tree`,`team`,`member`);--> statement-breakpoint
CREATE TABLE `teams` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`name` text NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `teams_org_name` ON `teams` (`org`,`name`);--> statement-breakpoint
CREATE INDEX `teams_tree` ON `teams` (`tree`,`id`);--> statement-breakpoint
CREATE TABLE `trees` (
	`tree` integer PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`epoch` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `types` (
	`tree` integer NOT NULL,
	`name` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`tree`, `name`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`createdAt` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email` ON `users` (`email`);