CREATE TABLE `addressChanges` (
	`id` text PRIMARY KEY NOT NULL,
	`user` text NOT NULL,
	`fromEmail` text NOT NULL,
	`toEmail` text NOT NULL,
	`session` text,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	`fromProvenAt` integer,
	`toProvenAt` integer,
	`madeAt` integer,
	`followedAt` integer,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `addressChanges_user` ON `addressChanges` (`user`,`createdAt`);--> statement-breakpoint
CREATE INDEX `addressChanges_to_follow` ON `addressChanges` (`madeAt`) WHERE "madeAt" is not null and "followedAt" is null;--> statement-breakpoint
CREATE TABLE `challenges` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`asker` text NOT NULL,
	`expiresAt` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `challenges_expires` ON `challenges` (`expiresAt`);--> statement-breakpoint
CREATE TABLE `passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`user` text NOT NULL,
	`name` text NOT NULL,
	`publicKey` text NOT NULL,
	`counter` integer NOT NULL,
	`transports` text NOT NULL,
	`createdAt` integer NOT NULL,
	`lastUsedAt` integer,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `passkeys_user` ON `passkeys` (`user`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`user` text NOT NULL,
	`method` text NOT NULL,
	`userAgent` text,
	`createdAt` integer NOT NULL,
	`lastSeenAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	`strongAt` integer,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_hash` ON `sessions` (`hash`);--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user`);--> statement-breakpoint
CREATE TABLE `signIns` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`browser` text,
	`next` text,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	`usedAt` integer
);
--> statement-breakpoint
CREATE INDEX `signIns_email` ON `signIns` (`email`,`createdAt`);--> statement-breakpoint
CREATE INDEX `signIns_expires` ON `signIns` (`expiresAt`);--> statement-breakpoint
ALTER TABLE `users` ADD `provenAt` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `language` text;