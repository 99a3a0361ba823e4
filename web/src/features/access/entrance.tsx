/** The pages of this feature that need nobody to be signed in stand in the common frame. */
export { Entrance } from "../../ui/entrance";
